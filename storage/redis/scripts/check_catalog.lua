-- Look at a page of the catalog. ARGV and answer as in `check_items`.
return check_items('catalog', {{'facts', facts}, {'source', sources}}, function() end)

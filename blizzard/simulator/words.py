"""The words that invented names are put together from."""

PLAYER_NAMES = (
    "Otter", "Badger", "Heron", "Lynx", "Marten", "Plover", "Stoat", "Tapir", "Urchin", "Vole", "Wren", "Yak",
    "Zebu", "Auk", "Bison", "Civet", "Dormouse", "Egret", "Ferret", "Gecko", "Hoopoe", "Ibex", "Jackdaw",
    "Kestrel", "Lapwing", "Magpie", "Newt", "Ocelot", "Puffin", "Quokka", "Roebuck", "Sandpiper", "Tern",
    "Möwe", "Élan", "Żubr", "Рысь", "カワウソ", "수달", "水獺",
)  # fmt: skip
"""Names of players. Their count and that of the kinds of player have no common divisor but 1, so that players of
one name are of every kind."""

TITLES = ("Lantern Bearer", "Map Reader", "Night Gardener", "Kite Maker", "Tide Watcher", "Bell Ringer")

ADJECTIVES = (
    "Amber", "Bramble", "Cinder", "Copper", "Dusk", "Ember", "Feather", "Gale", "Hollow", "Iron", "Juniper",
    "Kelp", "Linen", "Marble", "Nettle", "Onyx", "Pollen", "Quartz", "Russet", "Saffron", "Thistle", "Umber",
)  # fmt: skip
NOUNS = (
    "Anchor", "Beacon", "Compass", "Drift", "Echo", "Flare", "Gust", "Harpoon", "Icicle", "Kettle", "Lattice",
    "Mortar", "Needle", "Orbit", "Pendulum", "Ripple", "Spindle", "Tether", "Umbrella", "Vault", "Whistle",
)  # fmt: skip
PLACES = (
    "Port Marrow", "Upper Sallow", "Gannet Isles", "Mount Ferrous", "Lake Orris", "Wicker Bay", "Old Tallow",
    "Cape Sorrel", "Brine Hollow", "Station Nine (formerly)", "Unknown",
)  # fmt: skip

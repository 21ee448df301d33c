"""The pages people see in a browser: the landing page and the explorer, served wholly from our own origin."""

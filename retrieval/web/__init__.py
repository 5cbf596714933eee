"""The web: the one door to the network, pages, search engines, and sites taken in whole."""

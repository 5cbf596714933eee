"""The house: settings, wiring, engine and store. The only floor that builds concrete things."""

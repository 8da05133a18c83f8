"""The pages: one screen is one page at /<language>/<address>, written on the server, complete without JavaScript."""

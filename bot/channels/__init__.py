"""One file per app, with the same names in each: CAN, decode, encode and a class. No channel knows another."""

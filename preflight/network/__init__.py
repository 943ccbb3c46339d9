"""The one way to the network: addresses that are looked at before a connection is made to them."""

"""Samples on their way to the device, how loud they are, and what is switched with them."""

"""Hand-written methods of generated classes, one module for each resource."""

"""How each tool is asked: a module has ASKS (question -> Ask), PACKAGES, and `forget` where the tool remembers answers."""

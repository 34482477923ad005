"""Slides: five for a meeting and one of likely questions, with charts that can be edited in PowerPoint."""

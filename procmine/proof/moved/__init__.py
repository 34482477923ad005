"""Where a change shows on the map: steps and moves before and after, side by side and as one."""

"""From the plan to what players pull: one small signed manifest per player, rebuilt only when its content changes."""

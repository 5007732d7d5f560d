"""Forecasts of many products at once. Importing it takes seconds (statsforecast): only commands and workers may.

`panel` → `methods` (a path for each product from each origin) → `blending` (a mix learned for each group) → scores →
a team (which methods speak for a group, and how loud) → `spread` (quantiles of lead-time demand) → `outlook`.
"""

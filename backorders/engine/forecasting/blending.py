"""A mix of simple methods whose weights are learned for each group of products from earlier origins."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls

from backorders.engine.forecasting.methods import MEAN, SEASONAL, PathsAt
from backorders.engine.forecasting.panel import GROUPS, Matrix, Panel

PARTS = (MEAN, SEASONAL, "smoothing 0.1", "SBA", "IMAPA")
RIDGE = 0.1  # how strongly the weights are drawn to equal ones
ROUNDS = 4  # of reweighting: each brings the squared errors closer to the mean RMSSE that is scored
TINY = 1e-9
CALMEST = 0.05  # no product counts more than one with this squared scaled error


def blended(panel: Panel, origin: int, earlier: Sequence[int], paths: PathsAt, horizon: int) -> Matrix:
    """The path of the mix. `earlier` origins lie before `origin`; only what was known at `origin` is looked at."""
    equal = np.full(len(PARTS), 1 / len(PARTS))
    here, groups = paths(origin), panel.groups(origin)
    path = np.zeros_like(here[MEAN])
    for group in range(GROUPS):
        mine = groups == group
        if not mine.any():
            continue
        weights = _learned(panel, origin, earlier, paths, horizon, group, equal)
        path[mine] = sum(weight * here[name][mine] for name, weight in zip(PARTS, weights, strict=True))
    return path


def _learned(
    panel: Panel, origin: int, earlier: Sequence[int], paths: PathsAt, horizon: int, group: int, equal: Matrix
) -> Matrix:
    inputs, targets, cases, count = [], [], [], 0
    for start in earlier:
        scale = panel.scale(start)
        mine = np.flatnonzero((panel.groups(start) == group) & (scale > 0))
        for step in range(min(horizon, origin - start)):
            parts = np.stack([paths(start)[name][mine, step] for name in PARTS], axis=1)
            inputs.append(parts / scale[mine, None])
            targets.append(panel.units[mine, start + step] / scale[mine])
            cases.append(count + np.arange(len(mine)))
        count += len(mine)
    if len(earlier) < 2 or not count:
        return equal
    return _fitted(np.concatenate(inputs), np.concatenate(targets), np.concatenate(cases), equal)


def _fitted(inputs: Matrix, targets: Matrix, cases: Matrix, equal: Matrix) -> Matrix:
    """Non-negative least squares of the scaled errors, each case (product and origin) weighted by 1 / its RMSSE."""
    steps = np.bincount(cases)[cases]
    importance, weights = 1 / steps, equal
    for turn in range(ROUNDS):
        if turn:
            squared = np.bincount(cases, (targets - inputs @ weights) ** 2 / steps)
            importance = 1 / steps / np.sqrt(np.maximum(squared, CALMEST))[cases]
        weighted = inputs * importance[:, None]
        together, aims = inputs.T @ weighted, targets @ weighted
        pull = RIDGE * np.trace(together) / len(equal)
        # The same least squares as over all cases, told by their triangle: five rows in place of a hundred thousand.
        triangle = np.linalg.cholesky(together + (pull + TINY) * np.eye(len(equal)))
        weights, _ = nnls(triangle.T, np.linalg.solve(triangle, aims + pull * equal))
    return weights

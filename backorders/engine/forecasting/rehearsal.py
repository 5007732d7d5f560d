"""A year of buying played through: weekly demand comes, a rule orders, goods arrive later, what is missing waits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backorders.engine.forecasting.outlook import Forecaster
from backorders.engine.forecasting.panel import Matrix, Panel
from backorders.engine.replenishment import LEVELS, Position, Terms, reorder_need, value_classes

REVIEW_WEEKS = 1
FORECAST_EVERY = 4  # weeks
LAST_YEAR = 52


@dataclass(frozen=True, eq=False)
class World:
    """`leads`: whole weeks that an order of a week takes. `minimum`: of each order, in units. `value`: of a unit."""

    history: Matrix
    coming: Matrix
    leads: Matrix
    usual_leads: Matrix
    minimum: Matrix
    value: Matrix
    season: int


@dataclass(frozen=True, slots=True)
class YearOutcome:
    """`stock_value`: mean value on the shelf at the ends of the weeks. `fill_rate`: units served at once ÷ wanted."""

    fill_rate: float
    stock_value: float
    orders: int
    units_late: int


# week, demand known so far, on hand, on order, backorders → units to order
Rule = Callable[[int, Matrix, Matrix, Matrix, Matrix], Matrix]


def play(world: World, rule: Rule) -> YearOutcome:
    """Both rules meet the same demand and the same lead times; all start with the usual stock."""
    products, weeks = world.coming.shape
    mean = world.history[:, -LAST_YEAR:].mean(axis=1)
    on_hand = np.ceil(mean * (world.usual_leads + 2))
    owed = np.zeros(products)
    arriving = np.zeros((products, weeks + int(world.leads.max()) + 2))
    served = stock = 0.0
    orders = 0
    for week in range(weeks):
        on_hand += arriving[:, week]
        paid_back = np.minimum(on_hand, owed)
        on_hand, owed = on_hand - paid_back, owed - paid_back
        wanted = world.coming[:, week]
        at_once = np.minimum(on_hand, wanted)
        on_hand, owed = on_hand - at_once, owed + wanted - at_once
        served += float(at_once.sum())
        stock += float((on_hand * world.value).sum())
        known = np.concatenate([world.history, world.coming[:, : week + 1]], axis=1)
        bought = rule(week, known, on_hand, arriving[:, week + 1 :].sum(axis=1), owed)
        orders += int((bought > 0).sum())
        np.add.at(arriving, (np.arange(products), week + world.leads[:, week]), bought)
    total = float(world.coming.sum())
    return YearOutcome(round(served / total, 4), round(stock / weeks, 2), orders, int(total - served))


def minimum_and_maximum(world: World, *, safety_weeks: float) -> Rule:
    """Set once from last year's mean: at `minimum` (lead time and safety) order up to two weeks more."""
    mean = world.history[:, -LAST_YEAR:].mean(axis=1)
    low = np.ceil(mean * (world.usual_leads + REVIEW_WEEKS + safety_weeks))
    high = low + np.ceil(mean * 2)

    def order(week: int, known: Matrix, on_hand: Matrix, on_order: Matrix, owed: Matrix) -> Matrix:
        position = on_hand + on_order - owed
        return np.where(position <= low, np.maximum(high - position, world.minimum), 0)

    return order


def proposals(world: World, *, percent: dict[str, float]) -> Rule:
    """What the desk proposes: forecasts anew every four weeks, reorder point and level from the quantiles."""
    classes = value_classes(
        [(i, float(v)) for i, v in enumerate(world.history[:, -LAST_YEAR:].sum(axis=1) * world.value)]
    )
    levels: dict[str, Matrix] = {}

    def foretell(known: Matrix) -> None:
        leads = sorted({int(lead) for lead in world.usual_leads})
        longest = leads[-1] + REVIEW_WEEKS
        forecaster = Forecaster(Panel(known, world.season), longest, longest)
        now = known.shape[1]
        levels["path"] = np.zeros(len(known))
        levels["lead"] = np.zeros((len(known), len(LEVELS)))
        levels["cover"] = np.zeros((len(known), len(LEVELS)))
        for lead in leads:
            mine = world.usual_leads == lead
            variance = float(world.leads[mine].var())
            short = forecaster.outlook(now, lead, variance)
            wide = forecaster.outlook(now, lead + REVIEW_WEEKS, variance)
            levels["path"][mine] = short.path[mine].mean(axis=1)
            levels["lead"][mine], levels["cover"][mine] = short.levels[mine], wide.levels[mine]

    def order(week: int, known: Matrix, on_hand: Matrix, on_order: Matrix, owed: Matrix) -> Matrix:
        if week % FORECAST_EVERY == 0:
            foretell(known)
        bought = np.zeros(len(known))
        for i in range(len(known)):
            position = Position(
                on_hand=int(on_hand[i]),
                on_order=int(on_order[i]),
                backorders=int(owed[i]),
                weekly=float(levels["path"][i]),
                lead_days=int(world.usual_leads[i]) * 7,
                review_days=REVIEW_WEEKS * 7,
                lead_quantiles=levels["lead"][i].tolist(),
                cover_quantiles=levels["cover"][i].tolist(),
            )
            terms = Terms("supplier", int(world.minimum[i]), 1, percent[classes[i]])
            need = reorder_need(position, terms)
            bought[i] = need.quantity
        return bought

    return order


def made_up_world(*, products: int, weeks: int, seed: int) -> World:
    """Invented demand: steady, intermittent, seasonal, growing and declining; the same for the same seed."""
    chance = np.random.default_rng(seed)
    past = 2 * LAST_YEAR
    time = np.arange(past + weeks)
    mean = np.exp(chance.normal(1.6, 1.0, products))
    kind = chance.choice(5, products, p=[0.35, 0.2, 0.2, 0.12, 0.13])
    rate = np.repeat(mean[:, None], len(time), axis=1)
    phase = chance.integers(0, LAST_YEAR, products)
    wave = 1 + 0.6 * np.sin(2 * np.pi * (time[None, :] + phase[:, None]) / LAST_YEAR)
    yearly = time[None, :] / LAST_YEAR
    rate = np.where((kind == 2)[:, None], rate * wave, rate)
    rate = np.where((kind == 3)[:, None], rate * 1.5**yearly / 1.5, rate)
    rate = np.where((kind == 4)[:, None], rate * 0.65**yearly / 0.65, rate)
    shape = chance.uniform(1.0, 4.0, products)[:, None]
    demand = chance.negative_binomial(shape, shape / (shape + rate)).astype(float)
    asked = chance.random(demand.shape) < 0.3
    demand = np.where((kind == 1)[:, None] & ~asked, 0, np.where((kind == 1)[:, None], demand * 3, demand))
    usual = chance.choice([2, 3, 5], products)
    late = chance.choice([-1, 0, 0, 0, 1, 2], (products, weeks))
    return World(
        history=demand[:, :past],
        coming=demand[:, past:],
        leads=np.maximum(1, usual[:, None] + late),
        usual_leads=usual,
        minimum=np.ceil(mean),
        value=np.round(np.exp(chance.normal(2.5, 0.8, products)), 2),
        season=LAST_YEAR,
    )

"""A year of buying played through: weekly demand comes, a rule orders, goods arrive later, what is missing waits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backorders.engine.forecasting.outlook import Forecaster
from backorders.engine.forecasting.panel import Matrix, Panel
from backorders.engine.replenishment import LEVELS, InventoryPosition, Terms, reorder_need, value_classes

REVIEW_WEEKS = 1
FORECAST_EVERY = 4  # weeks
LAST_YEAR = 52
LATE = (-1, 0, 0, 0, 1, 2)  # weeks that a delivery is off


@dataclass(frozen=True, eq=False)
class SimulatedMarket:
    """`leads`: whole weeks that an order of a week takes. `minimum`: of each order, in units. `value`: of a unit."""

    history: Matrix
    coming: Matrix
    leads: Matrix
    past_leads: Matrix
    usual_leads: Matrix
    minimum: Matrix
    value: Matrix
    season: int

    @property
    def weekly(self) -> Matrix:
        """What a buyer knows at the start of the year: last year's mean."""
        return self.history[:, -LAST_YEAR:].mean(axis=1)

    def year_before(self) -> "SimulatedMarket":
        """Last year as it was, to try a rule out on before it is used."""
        return SimulatedMarket(
            *(self.history[:, :-LAST_YEAR], self.history[:, -LAST_YEAR:], self.past_leads, self.past_leads),
            *(self.usual_leads, self.minimum, self.value, self.season),
        )


@dataclass(frozen=True, slots=True)
class YearOutcome:
    """`stock_value`: mean value on the shelf at the ends of the weeks. `fill_rate`: units served at once ÷ wanted."""

    fill_rate: float
    stock_value: float
    orders: int
    units_late: int


# week, on hand, on order, backorders → units to order
Rule = Callable[[int, Matrix, Matrix, Matrix], Matrix]


def play(world: SimulatedMarket, rule: Rule) -> YearOutcome:
    """All rules meet the same demand and the same lead times; all start with the usual stock."""
    products, weeks = world.coming.shape
    on_hand = np.ceil(world.weekly * (world.usual_leads + 2))
    owed = np.zeros(products)
    arriving = np.zeros((products, weeks + int(world.leads.max()) + 2))
    served = stock = 0.0
    orders = 0
    for week in range(weeks):
        on_hand += arriving[:, week]
        paid_back = np.minimum(on_hand, owed)
        on_hand, owed = on_hand - paid_back, owed - paid_back
        demanded = world.coming[:, week]
        at_once = np.minimum(on_hand, demanded)
        on_hand, owed = on_hand - at_once, owed + demanded - at_once
        served += float(at_once.sum())
        stock += float((on_hand * world.value).sum())
        bought = rule(week, on_hand, arriving[:, week + 1 :].sum(axis=1), owed)
        orders += int((bought > 0).sum())
        np.add.at(arriving, (np.arange(products), week + world.leads[:, week]), bought)
    total = float(world.coming.sum())
    return YearOutcome(round(served / total, 4), round(stock / weeks, 2), orders, int(total - served))


def minimum_and_maximum(world: SimulatedMarket, *, safety_weeks: float) -> Rule:
    """Set once from last year's mean: at `minimum` (lead time, review and safety) order up to two weeks more."""
    low = np.ceil(world.weekly * (world.usual_leads + REVIEW_WEEKS + safety_weeks))
    high = low + np.ceil(world.weekly * 2)

    def order(week: int, on_hand: Matrix, on_order: Matrix, owed: Matrix) -> Matrix:
        position = on_hand + on_order - owed
        return np.where(position <= low, np.maximum(high - position, world.minimum), 0)

    return order


def tried_out(world: SimulatedMarket, safety_weeks: Sequence[float], *, fill_rate: float) -> float:
    """The least safety with which the fixed rule would have reached the fill rate last year, as a buyer tunes it."""
    before = world.year_before()
    for weeks in sorted(safety_weeks):
        if play(before, minimum_and_maximum(before, safety_weeks=weeks)).fill_rate >= fill_rate:
            return weeks
    return max(safety_weeks)


@dataclass(frozen=True, eq=False)
class SimulatedForecast:
    """Of each product: expected units a week, quantiles over the lead time, and over lead time and review."""

    path: Matrix
    lead: Matrix
    cover: Matrix


def foretell(world: SimulatedMarket) -> dict[int, SimulatedForecast]:
    """By week, anew every four weeks. A forecaster looks at nothing after its origin, the week that has just ended."""
    leads = sorted({int(lead) for lead in world.usual_leads})
    longest = leads[-1] + REVIEW_WEEKS
    panel = Panel(np.concatenate([world.history, world.coming], axis=1), world.season)
    forecaster = Forecaster(panel, longest, longest)
    products = panel.products
    by_week = {}
    for week in range(0, world.coming.shape[1], FORECAST_EVERY):
        now = world.history.shape[1] + week + 1
        forecast = SimulatedForecast(
            np.zeros(products), np.zeros((products, len(LEVELS))), np.zeros((products, len(LEVELS)))
        )
        for lead in leads:
            mine = world.usual_leads == lead
            variance = float((world.past_leads[mine] - lead).var())
            short = forecaster.outlook(now, lead, variance)
            wide = forecaster.outlook(now, lead + REVIEW_WEEKS, variance)
            forecast.path[mine] = short.path[mine, : lead + REVIEW_WEEKS].mean(axis=1)
            forecast.lead[mine], forecast.cover[mine] = short.levels[mine], wide.levels[mine]
        by_week[week] = forecast
    return by_week


def proposals(
    world: SimulatedMarket, foretold: Mapping[int, SimulatedForecast], *, percent: Mapping[str, float]
) -> Rule:
    """What the desk proposes: reorder point and order-up-to level from the quantiles, by `reorder_need`."""
    classes = value_classes([(i, float(v)) for i, v in enumerate(world.weekly * world.value)])

    def order(week: int, on_hand: Matrix, on_order: Matrix, owed: Matrix) -> Matrix:
        forecast = foretold[week - week % FORECAST_EVERY]
        bought = np.zeros(len(on_hand))
        for i in range(len(bought)):
            position = InventoryPosition(
                on_hand=int(on_hand[i]),
                on_order=int(on_order[i]),
                backorders=int(owed[i]),
                weekly=float(forecast.path[i]),
                lead_days=int(world.usual_leads[i]) * 7,
                review_days=REVIEW_WEEKS * 7,
                lead_quantiles=forecast.lead[i].tolist(),
                cover_quantiles=forecast.cover[i].tolist(),
            )
            bought[i] = reorder_need(position, Terms("", int(world.minimum[i]), 1, percent[classes[i]])).quantity
        return bought

    return order


def stock_at(fill_rate: float, curve: Sequence[YearOutcome]) -> float | None:
    """The stock with which a rule reaches the fill rate, between two of its points; None outside of them."""
    points = sorted((outcome.fill_rate, outcome.stock_value) for outcome in curve)
    if not points or not points[0][0] <= fill_rate <= points[-1][0]:
        return None
    fills, stocks = np.array(points).T
    return float(np.interp(fill_rate, fills, stocks))


def made_up_world(*, products: int, weeks: int, seed: int) -> SimulatedMarket:
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
    late = chance.choice(LATE, (products, weeks))
    late_before = chance.choice(LATE, (products, LAST_YEAR))
    return SimulatedMarket(
        history=demand[:, :past],
        coming=demand[:, past:],
        leads=np.maximum(1, usual[:, None] + late),
        past_leads=np.maximum(1, usual[:, None] + late_before),
        usual_leads=usual,
        minimum=np.ceil(mean),
        value=np.round(np.exp(chance.normal(2.5, 0.8, products)), 2),
        season=LAST_YEAR,
    )

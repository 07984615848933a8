"""Medians of ratios within rounds, with the interval that resampling the rounds gives."""
import math
import random
import statistics


def median_with_interval(values, resamples=2000):
    """The median and the 95 % bootstrap interval around it; the same for the same values."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(values, k=len(values))) for _ in range(resamples))
    return statistics.median(values), medians[int(0.025 * resamples)], medians[int(0.975 * resamples)]


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))

"""All rules, and a whole analysis, over one application in the embedded store."""

from __future__ import annotations

import statistics
import time

from analyzer.cost.book import load_price_book
from analyzer.pipeline import analyse, evaluate_rules, thresholds_in_force
from analyzer.profiles.application import read_header
from analyzer.profiles.profile import read_profile
from analyzer.timeline.history import History
from bench.stored_application import store_application
from collector.storage import Store


def measure(store: Store, history: History, repeats: int) -> dict[str, float]:
    """Medians of the seconds that all rules take, their queries and their judgement, and that an analysis takes from start to end."""
    app_id = f"application_{len(history.tasks)}_0001"
    store_application(store, app_id, history)
    rules_s, analyses_s = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        analyse(store, app_id, "")
        analyses_s.append(time.perf_counter() - started)
        profile = read_profile(store, read_header(store, app_id, ""), load_price_book())
        started = time.perf_counter()
        _, errors = evaluate_rules(store, profile, thresholds_in_force())
        rules_s.append(time.perf_counter() - started)
        if errors:
            raise RuntimeError(f"rules failed: {errors}")
    return {"all_rules_s": round(statistics.median(rules_s), 3), "analyse_s": round(statistics.median(analyses_s), 3)}

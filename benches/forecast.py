"""Times `renkou forecast`: 13 townships of 20 thousand people, 30 years, 1,000 trajectories.

    python3 benches/forecast.py PATH_TO_RENKOU
"""

import math
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def history(path: Path) -> None:
    """Twelve made-up years by single ages; every cohort wanders a little."""
    random.seed(1)
    with path.open("w") as file:
        file.write("region,year,sex,age,population\n")
        for region in range(13):
            growth = random.uniform(-0.01, 0.01)
            for year in range(1889, 1901):
                for sex in (1, 2):
                    for age in range(101):
                        people = 180 * math.exp(-((age / 75) ** 4) + growth * (year - 1889))
                        file.write(f"{region},{year},{sex},{age},{round(people * random.uniform(0.98, 1.02))}\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        population = Path(folder) / "population.csv"
        history(population)
        command = [sys.argv[1], "-q", "forecast", "--population", population, "--horizon", "30", "--format", "csv"]
        for more in (["--totals"], []):
            best = math.inf
            for _ in range(3):
                start = time.perf_counter()
                subprocess.run([*command, *more], check=True, stdout=subprocess.DEVNULL)
                best = min(best, time.perf_counter() - start)
            print(f"{' '.join(more) or 'by age':10} {best:6.2f} s")


if __name__ == "__main__":
    main()

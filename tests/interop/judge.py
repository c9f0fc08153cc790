"""The official DuckDB as a judge of a lake: it opens it read-only and tells what it finds.

    judge.py lake ATTACH-STATEMENT SNAPSHOT…   rows and checksum of every table at each snapshot
    judge.py parquet FOLDER                    the same of an exported folder, by every reader here

Prints one JSON object. A checksum is the SHA-256 of the sorted rows; a row is its cells with U+001F
between them; a cell is what `renkou sql --format csv` writes: dates as ISO 8601, keys as hexadecimal
digits, NULL as nothing. The vault is sealed, so of its tables there is only the number of rows.

Needs the packages duckdb, duckdb-extension-ducklake and duckdb-extension-sqlite-scanner; pyarrow and
polars are asked when they are there.
"""

import datetime
import decimal
import glob
import hashlib
import importlib
import json
import os
import sys

import duckdb


def extension(name):
    """The path of an extension that came as a Python package."""
    package = importlib.import_module(f"duckdb_extension_{name}")
    folder = list(package.__path__)[0]
    found = glob.glob(os.path.join(folder, "extensions", "*", f"{name}.duckdb_extension"))
    assert len(found) == 1, found
    return found[0]


def cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return str(value)


def checksum(rows):
    lines = sorted("\x1f".join(cell(value) for value in row).encode() for row in rows)
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line + b"\n")
    return {"rows": len(lines), "sha256": digest.hexdigest()}


def lake(attach, snapshots):
    session = duckdb.connect(config={"allow_unsigned_extensions": True})
    for name in ("sqlite_scanner", "ducklake"):
        session.execute(f"LOAD '{extension(name)}'")
    session.execute("SET TimeZone = 'UTC'")
    session.execute(attach)
    tables = session.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'renkou' ORDER BY 1, 2"
    ).fetchall()
    assert tables, "no tables"
    answer = {}
    for snapshot in snapshots:
        found = {}
        for schema, table in tables:
            # Moments are fetched as microseconds: their Python type needs another package.
            described = session.execute(f'DESCRIBE renkou.{schema}."{table}"').fetchall()
            columns = ", ".join(
                f'epoch_us("{name}") AS "{name}"' if kind.startswith("TIMESTAMP") else f'"{name}"'
                for name, kind, *_ in described
            )
            at = f'renkou.{schema}."{table}" AT (VERSION => {int(snapshot)})'
            try:
                if schema == "vault":
                    count = session.execute(f"SELECT count(*) FROM {at}").fetchone()[0]
                    found[f"vault.{table}"] = {"rows": count}
                else:
                    rows = session.execute(f"SELECT {columns} FROM {at}").fetchall()
                    moments = {i for i, (_, kind, *_) in enumerate(described) if kind.startswith("TIMESTAMP")}
                    zero = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
                    if moments:
                        rows = [
                            [
                                zero + datetime.timedelta(microseconds=value) if i in moments and value is not None else value
                                for i, value in enumerate(row)
                            ]
                            for row in rows
                        ]
                    found[table] = checksum(rows)
            except duckdb.CatalogException:
                # The table came later.
                continue
        answer[str(snapshot)] = found
    return answer


def parquet(folder):
    """Reads a folder as people do: every file in it, the folders' names as a column."""
    pattern = os.path.join(folder, "**", "*.parquet")
    relation = duckdb.connect().execute(f"SELECT * FROM read_parquet('{pattern}', hive_partitioning = true)")
    answer = {"duckdb": {"columns": [name for name, *_ in relation.description]} | checksum(relation.fetchall())}
    try:
        import pyarrow.dataset

        table = pyarrow.dataset.dataset(folder, partitioning="hive").to_table()
        rows = [tuple(row.values()) for row in table.to_pylist()]
        answer["pyarrow"] = {"columns": table.column_names} | checksum(rows)
    except ModuleNotFoundError:
        pass
    try:
        import polars

        frame = polars.read_parquet(folder, hive_partitioning=True)
        answer["polars"] = {"columns": frame.columns} | checksum(frame.rows())
    except ModuleNotFoundError:
        pass
    return answer


if __name__ == "__main__":
    command, subject, *rest = sys.argv[1:]
    answer = lake(subject, rest) if command == "lake" else parquet(subject)
    json.dump(answer, sys.stdout)

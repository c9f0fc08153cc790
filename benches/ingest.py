"""Ingest of a police register: Renkou beside DuckDB doing decode + the same checks + Parquet in SQL.

Usage: ingest.py RENKOU FILE.csv [--runs N] [--threads N]   (one JSON line per run on stdout)
"""

import argparse
import glob
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

# The rules of catalog/sources/police/household_register.yaml that reject or warn, as SQL. Identities
# are dropped: DuckDB seals nothing and makes no pseudonyms.
SQL = """
SET threads = {threads};
SET memory_limit = '4GB';
SET preserve_insertion_order = false;
CREATE TEMP MACRO check_digit(i) AS substr('10X98765432', 1 + (
  7*substr(i,1,1)::INT + 9*substr(i,2,1)::INT + 10*substr(i,3,1)::INT + 5*substr(i,4,1)::INT + 8*substr(i,5,1)::INT +
  4*substr(i,6,1)::INT + 2*substr(i,7,1)::INT + 1*substr(i,8,1)::INT + 6*substr(i,9,1)::INT + 3*substr(i,10,1)::INT +
  7*substr(i,11,1)::INT + 9*substr(i,12,1)::INT + 10*substr(i,13,1)::INT + 5*substr(i,14,1)::INT + 8*substr(i,15,1)::INT +
  4*substr(i,16,1)::INT + 2*substr(i,17,1)::INT) % 11, 1);
CREATE TEMP VIEW raw AS
  SELECT * FROM read_csv('{file}', header = true, all_varchar = true, encoding = '{encoding}', auto_detect = false,
                         columns = {columns}, delim = ',', quote = '"', escape = '"', strict_mode = false);
CREATE TEMP TABLE checked AS
  SELECT "公民身份号码" AS id_no, "户号" AS household_no, "民族" AS ethnicity_name, "与户主关系" AS relation,
    CASE "性别" WHEN '男' THEN 1 WHEN '女' THEN 2 WHEN '1' THEN 1 WHEN '2' THEN 2 END::TINYINT AS sex,
    try_cast(replace(replace("出生日期", '/', '-'), '.', '-') AS DATE) AS birth_date,
    try_cast(replace(replace("登记日期", '/', '-'), '.', '-') AS DATE) AS registration_date,
    regexp_extract("户籍地址", '土默特左旗(.+?[镇乡]|.+?开发区|.+?中心)', 1) AS town,
    regexp_matches("公民身份号码", '^[0-9]{{17}}[0-9X]$') AS well_formed,
    regexp_matches("公民身份号码", '[eE]\\+') AS lossy,
    "姓名" IS NULL OR "姓名" = '' AS no_name
  FROM raw;
CREATE TEMP TABLE judged AS
  SELECT *,
    CASE WHEN well_formed THEN check_digit(id_no) = substr(id_no, 18, 1) ELSE false END AS id_valid,
    CASE WHEN well_formed THEN try_strptime(substr(id_no, 7, 8), '%Y%m%d')::DATE END AS id_birth,
    CASE WHEN well_formed THEN CASE WHEN substr(id_no, 17, 1)::INT % 2 = 1 THEN 1 ELSE 2 END END AS id_sex,
    row_number() OVER (PARTITION BY id_no) AS repeat_no
  FROM checked;
COPY (
  SELECT md5(id_no) AS person_key, md5(household_no) AS household_key, sex, birth_date, year(birth_date) AS birth_year,
    ethnicity_name, relation, town, registration_date,
    CASE WHEN id_valid THEN 'valid' ELSE 'bad_check_digit' END AS id_status,
    id_birth <> birth_date AS birth_differs, id_sex <> sex AS sex_differs
  FROM judged
  WHERE NOT lossy AND NOT no_name AND birth_date IS NOT NULL AND birth_date BETWEEN DATE '1850-01-01' AND current_date
    AND repeat_no = 1 AND sex IS NOT NULL
  ORDER BY town, birth_date
) TO '{out}' (FORMAT parquet, COMPRESSION zstd, PER_THREAD_OUTPUT true);
"""
# The same checks without the global sort: every row is judged, as the comparison asks.
UNSORTED = SQL.replace("ORDER BY town, birth_date", "")
# Without the check that a number occurs once, too: nothing is held, what DuckDB does fastest.
LEAN = (
    SQL.replace("row_number() OVER (PARTITION BY id_no) AS repeat_no", "1 AS repeat_no")
    .replace("ORDER BY town, birth_date", "")
    .replace("CREATE TEMP TABLE", "CREATE TEMP VIEW")
)
VARIANTS = {"full": SQL, "unsorted": UNSORTED, "lean": LEAN}


def extension(name):
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None:
        return None
    found = glob.glob(os.path.join(spec.submodule_search_locations[0], "extensions", "*", f"{name}.duckdb_extension"))
    return found[0] if found else None


def duckdb_child(path, threads, statements):
    import duckdb

    with open(path, "rb") as file:
        head = file.readline()
    try:
        encoding, header = "utf-8", head.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding, header = "gb18030", head.decode("gb18030")
    connection = duckdb.connect()
    if encoding != "utf-8":
        plugin = extension("encodings")
        if plugin is None:
            raise SystemExit(f"DuckDB {duckdb.__version__} has no encodings extension here: give it UTF-8")
        connection.execute(f"LOAD '{plugin}'")
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in header.strip().split(",")) + "}"
    out = tempfile.mkdtemp(prefix="duckdb-bench-")
    sql = statements.format(
        threads=threads, file=path, encoding=encoding, columns=columns, out=os.path.join(out, "register")
    )
    connection.execute(sql)
    files = os.path.join(out, "register")
    rows = connection.execute(f"SELECT count(*) FROM read_parquet('{files}/*.parquet')").fetchone()[0]
    shutil.rmtree(out)
    print(json.dumps({"version": duckdb.__version__, "rows": rows}))


def measure(name, command, environment=None):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{name} failed: {errors.decode(errors='replace')[-2000:]}")
    return {
        "program": name,
        "wall_s": round(time.monotonic() - started, 2),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mib": usage.ru_maxrss // 1024,
        "output": output.decode(errors="replace").strip().splitlines()[-1:],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("renkou")
    parser.add_argument("file")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--duckdb-child", choices=VARIANTS)
    arguments = parser.parse_args()
    if arguments.duckdb_child:
        duckdb_child(arguments.file, arguments.threads, VARIANTS[arguments.duckdb_child])
        return
    for _ in range(arguments.runs):
        folder = tempfile.mkdtemp(prefix="renkou-bench-")
        subprocess.run([arguments.renkou, "-q", "init", folder], check=True)
        ingest = [arguments.renkou, "--warehouse", folder, "--threads", str(arguments.threads), "ingest",
                  "--format", "json", arguments.file]
        result = measure("renkou", ingest)
        count = [arguments.renkou, "--warehouse", folder, "-q", "sql", "--format", "csv", "-c",
                 "SELECT sum(rows_accepted) AS accepted FROM deliveries"]
        result["output"] = subprocess.run(count, check=True, capture_output=True, text=True).stdout.split()
        shutil.rmtree(folder)
        print(json.dumps(result, ensure_ascii=False), flush=True)
        for variant in VARIANTS:
            child = [sys.executable, __file__, arguments.renkou, arguments.file, "--threads",
                     str(arguments.threads), "--duckdb-child", variant]
            print(json.dumps(measure(f"duckdb {variant}", child)), flush=True)


if __name__ == "__main__":
    main()

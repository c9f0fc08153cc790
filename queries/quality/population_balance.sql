/*
title: Balancing equation of population
title_zh: 人口平衡方程核对
description: Population at the end of each year against the year before, births and deaths; what is left is migration and error
description_zh: 各年末人口与上年末人口、出生、死亡的平衡；余数为净迁移和误差
owner: statistics
tags: [quality, population]
unit: persons
unit_zh: 人
definition: >-
  P1 = P0 + B − D + I − E. Published = figures of the statistics bureau (resident), where I − E is
  what the other four leave (residual). Registered = household register, all terms counted from
  entries: births = entered as born in the year, deaths = struck off as dead, moved = entered by moving in
  less struck off as moved out; the residual is what no entry explains and should be 0. Residual rate
  = residual / P0 × 1000. A published residual beyond 20 per 1,000, or of another sign than the years
  around it, tells that the two year-ends are not comparable (census, revision, boundary) or a count
  is wrong. births_records and deaths_records are births after linkage and persons who died.
params:
  year: {type: year, default: latest_complete_year, description: last calendar year}
  years: {type: integer, default: 5, min: 1, max: 60, description: how many years}
chart: {type: line, x: year, y: [residual], series: basis}
publish: {threshold: 10, counts: [births, deaths, births_records, deaths_records], rates: [residual, residual_rate]}
tests:
  - {unique: [basis, year]}
  - sql: "SELECT * FROM _ WHERE population_end IS NOT NULL AND population_start IS NOT NULL AND population_start + births - deaths + coalesce(moved, 0) + residual <> population_end"
*/
WITH figures AS (
  SELECT year, measure, value,
    row_number() OVER (PARTITION BY year, measure ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, delivery_id DESC) AS newest
  FROM population_statistics
  WHERE year BETWEEN $year - $years AND $year AND value IS NOT NULL
    AND measure IN ('births', 'deaths', 'resident_population')
    AND substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
),
by_year AS (
  SELECT year,
    max(value) FILTER (WHERE measure = 'resident_population') AS population,
    max(value) FILTER (WHERE measure = 'births') AS births,
    max(value) FILTER (WHERE measure = 'deaths') AS deaths
  FROM figures WHERE newest = 1 GROUP BY year
),
years AS (
  SELECT CAST(value AS INTEGER) AS year FROM generate_series($year - $years + 1, $year)
),
published AS (
  SELECT 'published' AS basis, y.year, b.population AS population_start, e.births, e.deaths, CAST(NULL AS BIGINT) AS moved, e.population AS population_end
  FROM years y
  LEFT JOIN by_year e ON e.year = y.year
  LEFT JOIN by_year b ON b.year = y.year - 1
),
entries AS (
  SELECT coalesce(registration_date, birth_date) AS entered, birth_date, coalesce(registration_reason, 'birth') AS reason,
    CASE WHEN status = 'cancelled' THEN cancel_date END AS left_on, coalesce(cancel_reason, 'other') AS left_for
  FROM household_register
),
registered AS (
  SELECT 'registered' AS basis, y.year,
    count(*) FILTER (WHERE entered < make_date(y.year, 1, 1) AND (left_on IS NULL OR left_on >= make_date(y.year, 1, 1))) AS population_start,
    count(*) FILTER (WHERE extract(year FROM entered) = y.year AND reason IN ('birth', 'late')) AS births,
    count(*) FILTER (WHERE extract(year FROM left_on) = y.year AND left_for = 'death') AS deaths,
    count(*) FILTER (WHERE extract(year FROM entered) = y.year AND reason NOT IN ('birth', 'late'))
      - count(*) FILTER (WHERE extract(year FROM left_on) = y.year AND left_for <> 'death') AS moved,
    count(*) FILTER (WHERE entered < make_date(y.year + 1, 1, 1) AND (left_on IS NULL OR left_on >= make_date(y.year + 1, 1, 1))) AS population_end
  FROM years y
  CROSS JOIN entries
  GROUP BY y.year
),
real_births AS (
  SELECT birth_year AS year, count(*) AS n FROM births GROUP BY birth_year
),
real_deaths AS (
  SELECT death_year AS year, count(DISTINCT coalesce(encode(person_key, 'hex'), concat_ws('/', delivery_id, coalesce(source_sheet, ''), source_row))) AS n
  FROM deaths GROUP BY death_year
),
both_bases AS (
  SELECT * FROM published UNION ALL SELECT * FROM registered
),
balanced AS (
  SELECT *, population_end - population_start - births + deaths - coalesce(moved, 0) AS residual FROM both_bases
)
SELECT
  b.basis,
  CASE b.basis WHEN 'published' THEN '统计公布' ELSE '户籍登记' END AS basis_name,
  b.year,
  CAST(b.population_start AS BIGINT) AS population_start,
  CAST(b.births AS BIGINT) AS births,
  CAST(b.deaths AS BIGINT) AS deaths,
  CAST(b.moved AS BIGINT) AS moved,
  CAST(b.residual AS BIGINT) AS residual,
  CAST(b.population_end AS BIGINT) AS population_end,
  round_half_up(1000.0 * b.residual / nullif(b.population_start, 0), 2) AS residual_rate,
  CAST(rb.n AS BIGINT) AS births_records,
  CAST(rd.n AS BIGINT) AS deaths_records,
  CASE
    WHEN b.population_start IS NULL THEN 'no_population_before'
    WHEN b.population_end IS NULL THEN 'no_population'
    WHEN b.births IS NULL OR b.deaths IS NULL THEN 'no_births_or_deaths'
    WHEN b.population_start = 0 THEN 'empty_register'
    WHEN b.basis = 'published' AND abs(1000.0 * b.residual / b.population_start) > 20 THEN 'not_comparable_or_wrong'
  END AS reason
FROM balanced b
LEFT JOIN real_births rb ON rb.year = b.year
LEFT JOIN real_deaths rd ON rd.year = b.year
ORDER BY b.basis, b.year

/*
title: Divorces
title_zh: 离婚登记
description: Couples registered by civil affairs in a year, crude rate and mean ages
description_zh: 离婚登记对数、离婚率和平均年龄
owner: civil_affairs
tags: [indicator, divorces]
unit: couples; rate per 1,000 persons
unit_zh: 对；率为‰
definition: >-
  Couples = registrations of the calendar year by date of registration. Crude divorce rate (粗离婚率) =
  couples / mean resident population × 1000, mean of the two year-ends, or a census or survey count
  of the year when the previous year-end is missing; given for the whole year only. Mean age = mean
  of full years at divorce. Divorces granted by a court are not registered by civil affairs and are missing. Interval: 95 %, exact Poisson. Source: Ministry of Civil Affairs,
  民政事业统计指标解释.
definition_zh: >-
  一年内的离婚登记对数；离婚率＝登记对数÷年平均人口×1000。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of registration, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, month, husband_age, wife_age], description: one row per what, description_zh: 按什么分组}
chart: {type: bar, x: group_name, y: [divorces]}
publish: {threshold: 10, counts: [divorces], wholes: [total_divorces], rates: [share_pct, rate, rate_low, rate_high, mean_husband_age, mean_wife_age]}
tests:
  - {unique: [group_code]}
  - {on: sample, params: {year: 2018}, expect: {divorces: 32, mean_population: 276350, rate: 0.12}}
*/
WITH registered AS (
  SELECT
    registration_date,
    age_at(husband_birth_date, registration_date) AS husband_age,
    age_at(wife_birth_date, registration_date) AS wife_age
  FROM divorces
  WHERE registration_year = $year
),
counted AS (
  SELECT
    CASE
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM registration_date) AS VARCHAR), 2, '0'))
      WHEN $by = 'husband_age' THEN coalesce(age_group(husband_age, '5y'), 'unknown')
      WHEN $by = 'wife_age' THEN coalesce(age_group(wife_age, '5y'), 'unknown')
      ELSE 'total'
    END AS group_code,
    CASE
      WHEN $by = 'husband_age' THEN age_group_order(husband_age, '5y')
      WHEN $by = 'wife_age' THEN age_group_order(wife_age, '5y')
    END AS group_order,
    1 AS couples,
    husband_age,
    wife_age
  FROM registered
  -- Every month and the total appear even when nothing was registered in them.
  UNION ALL
  SELECT concat($year, '-', lpad(CAST(value AS VARCHAR), 2, '0')), NULL, 0, NULL, NULL FROM generate_series(1, 12) WHERE $by = 'month'
  UNION ALL
  SELECT 'total', NULL, 0, NULL, NULL WHERE $by = 'none'
),
grouped AS (
  SELECT group_code,
    min(group_order) AS group_order,
    CAST(sum(couples) AS BIGINT) AS couples,
    avg(CAST(husband_age AS DOUBLE)) AS husband_age,
    avg(CAST(wife_age AS DOUBLE)) AS wife_age
  FROM counted
  GROUP BY group_code
),
figures AS (
  SELECT region_code, year, value, reference,
    row_number() OVER (
      PARTITION BY region_code, year
      ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE year BETWEEN $year - 1 AND $year
    AND measure = 'resident_population'
    AND value IS NOT NULL
    AND substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
),
ends AS (
  SELECT
    sum(value) FILTER (WHERE year = $year - 1) AS start_population,
    sum(value) FILTER (WHERE year = $year) AS end_population,
    max(reference) FILTER (WHERE year = $year) AS end_reference
  FROM figures
  WHERE newest = 1
),
averaged AS (
  SELECT
    CASE
      WHEN start_population > 0 AND end_population > 0 THEN (start_population + end_population) / 2.0
      WHEN start_population IS NULL AND end_population > 0 AND end_reference IN ('census', 'survey') THEN end_population
    END AS mean_population
  FROM ends
),
rated AS (
  SELECT g.*, sum(g.couples) OVER () AS total, CASE WHEN $by = 'none' THEN a.mean_population END AS mean_population
  FROM grouped g CROSS JOIN averaged a
)
SELECT
  group_code,
  CASE WHEN group_code = 'total' THEN '合计' WHEN group_code = 'unknown' THEN '不详' ELSE group_code END AS group_name,
  couples AS divorces,
  CAST(total AS BIGINT) AS total_divorces,
  round_half_up(100.0 * couples / nullif(total, 0), 2) AS share_pct,
  round_half_up(husband_age, 2) AS mean_husband_age,
  round_half_up(wife_age, 2) AS mean_wife_age,
  mean_population,
  round_half_up(1000.0 * couples / mean_population, 2) AS rate,
  round_half_up(1000.0 * poisson_low(couples) / mean_population, 2) AS rate_low,
  round_half_up(1000.0 * poisson_high(couples) / mean_population, 2) AS rate_high,
  CASE
    WHEN total = 0 THEN 'no_records'
    WHEN $by <> 'none' THEN 'rate_of_whole_year_only'
    WHEN mean_population IS NULL THEN 'no_population'
  END AS reason
FROM rated
ORDER BY group_order NULLS LAST, group_code

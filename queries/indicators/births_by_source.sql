/*
title: Births by source
title_zh: 各部门出生人数对照
description: What each department counts as births of the year, beside a reference source
description_zh: 各部门各来源的出生人数，与出生医学证明比较
owner: health
tags: [indicator, births, departments]
unit: persons
unit_zh: '人'
definition: >-
  Births of the calendar year in each source, each counted by date of birth and in its own concept -
  birth_certificates = first issues (by place), birth_counts = counts shared by health (certificates
  issued where births are not shared), fertility_registrations = registrations by date of delivery,
  else expected date, else registration, household_register = people born in the year, cancelled or
  not, without those moved in and duplicates, maternity_insurance = children of insured mothers or
  fathers without miscarriages, household_visits = children visited
  (each child once), population_statistics = resident births as published. Ratio = births / births of
  the reference source × 100. The sources are not linked here, so a ratio of 100 does not prove that
  they hold the same births. Source: plan 土左政办发〔2018〕48号, departments and their shares.
definition_zh: >-
  每个来源中该年出生的人数；差额＝来源－出生医学证明；比率＝来源÷出生医学证明×100。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of birth, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, month], description: one set of rows per what, description_zh: 按什么分组}
  reference_source: {type: choice, default: birth_certificates, choices: [birth_certificates, birth_counts, fertility_registrations, household_register, maternity_insurance, household_visits, population_statistics], description: source that the others are compared with, description_zh: 其他来源与哪个来源比较}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: bar, x: source, y: [births]}
publish: {threshold: 10, counts: [births, boys, girls, reference_births], rates: [difference, ratio_pct]}
tests:
  - {unique: [group_code, source]}
  - {on: sample, params: {year: 2018}, where: {source: fertility_registrations}, expect: {births: 236, difference: -41}}
  - {on: sample, params: {year: 2018}, where: {source: household_register}, expect: {births: 194, ratio_pct: 70.04}}
  - {on: sample, params: {year: 2018}, where: {source: birth_counts}, expect: {births: 293, boys: 134, girls: 159}}
*/
WITH sources AS (
  SELECT column1 AS source, column2 AS department, column3 AS source_order
  FROM (VALUES
    ('birth_certificates', 'health', 1),
    ('birth_counts', 'health', 2),
    ('fertility_registrations', 'health', 3),
    ('household_register', 'police', 4),
    ('maternity_insurance', 'social_security', 5),
    ('household_visits', 'townships', 6),
    ('population_statistics', 'statistics', 7)
  ) AS listed
),
shared_counts AS (
  SELECT region_code, month,
    -- Where births themselves are not shared, the certificates issued stand for them.
    CAST(coalesce(sum(count) FILTER (WHERE measure = 'births'), sum(count) FILTER (WHERE measure = 'certificates_issued')) AS DOUBLE) AS births,
    CAST(sum(count) FILTER (WHERE measure = 'births_male') AS DOUBLE) AS boys,
    CAST(sum(count) FILTER (WHERE measure = 'births_female') AS DOUBLE) AS girls,
    -- The broadest and most complete figure first: county before towns, year before months.
    CASE WHEN substr(region_code, 7, 6) = '000000' THEN 0 WHEN substr(region_code, 10, 3) = '000' THEN 2 ELSE 4 END
      + CASE WHEN month IS NULL THEN 0 ELSE 1 END AS breadth
  FROM birth_counts
  WHERE year = $year
    AND measure IN ('births', 'births_male', 'births_female', 'certificates_issued')
    AND ($region IS NULL OR starts_with(region_code, $region))
  GROUP BY region_code, month
),
graded_counts AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN region_code
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(month AS VARCHAR), 2, '0'))
      ELSE 'total'
    END AS group_code,
    breadth, births, boys, girls
  FROM shared_counts
  WHERE CASE WHEN $by = 'township' THEN breadth IN (2, 3) WHEN $by = 'month' THEN month IS NOT NULL ELSE true END
),
best_counts AS (
  SELECT *, min(breadth) OVER (PARTITION BY group_code) AS best FROM graded_counts WHERE births IS NOT NULL
),
published AS (
  SELECT region_code, value,
    row_number() OVER (
      PARTITION BY region_code
      ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE year = $year AND measure = 'births' AND value IS NOT NULL
    AND CASE
      WHEN $by = 'township' THEN substr(region_code, 7, 3) <> '000' AND substr(region_code, 10, 3) = '000' AND ($region IS NULL OR starts_with(region_code, $region))
      WHEN $by <> 'none' THEN false
      WHEN $region IS NULL THEN substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
      ELSE region_code = rpad($region, 12, '0')
    END
),
records AS (
  SELECT 'birth_certificates' AS source, birth_date AS event_date, township_code, sex, 1 AS children
  FROM birth_certificates
  WHERE birth_year = $year
    AND coalesce(issue_type, 'first') = 'first'
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
  UNION ALL
  SELECT 'fertility_registrations', coalesce(delivery_date, expected_date, registration_date), township_code, NULL, 1
  FROM fertility_registrations
  WHERE extract(year FROM coalesce(delivery_date, expected_date, registration_date)) = $year
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
  UNION ALL
  SELECT 'household_register', birth_date, township_code, sex, 1
  FROM household_register
  WHERE birth_year = $year
    AND coalesce(registration_reason, 'birth') <> 'moved_in'
    AND coalesce(cancel_reason, 'other') <> 'duplicate'
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
  UNION ALL
  -- Insured people have no place; several payments for one delivery are one delivery.
  SELECT 'maternity_insurance', delivery_date, NULL, NULL, max(coalesce(plurality, 1))
  FROM maternity_insurance
  WHERE delivery_year = $year
    AND coalesce(benefit_type, 'birth') NOT IN ('miscarriage', 'family_planning')
    AND $by <> 'township' AND $region IS NULL
  GROUP BY person_key, delivery_date
  UNION ALL
  -- A child is visited more than once; without a key of its own it is its mother's child of that day and sex.
  SELECT 'household_visits', birth_date, max(township_code), sex, 1
  FROM household_visits
  WHERE birth_year = $year
    AND ($region IS NULL OR starts_with(coalesce(region_code, township_code), $region))
  GROUP BY coalesce(child_key, mother_key), birth_date, sex
),
counted AS (
  SELECT source,
    CASE
      WHEN $by = 'township' THEN coalesce(township_code, 'unknown')
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM event_date) AS VARCHAR), 2, '0'))
      ELSE 'total'
    END AS group_code,
    CAST(sum(children) AS DOUBLE) AS births,
    CASE WHEN count(sex) > 0 THEN CAST(count(*) FILTER (WHERE sex = 1) AS DOUBLE) END AS boys,
    CASE WHEN count(sex) > 0 THEN CAST(count(*) FILTER (WHERE sex = 2) AS DOUBLE) END AS girls
  FROM records
  GROUP BY 1, 2
  UNION ALL
  SELECT 'birth_counts', group_code, sum(births), sum(boys), sum(girls)
  FROM best_counts WHERE breadth = best
  GROUP BY group_code
  UNION ALL
  SELECT 'population_statistics', CASE WHEN $by = 'township' THEN region_code ELSE 'total' END, sum(value), NULL, NULL
  FROM published WHERE newest = 1
  GROUP BY 2
  UNION ALL
  SELECT source, 'total', NULL, NULL, NULL FROM sources WHERE $by = 'none'
),
grouped AS (
  SELECT source, group_code, sum(births) AS births, sum(boys) AS boys, sum(girls) AS girls
  FROM counted
  GROUP BY source, group_code
),
compared AS (
  SELECT g.*, s.department, s.source_order,
    max(CASE WHEN g.source = $reference_source THEN g.births END) OVER (PARTITION BY g.group_code) AS reference_births
  FROM grouped g
  JOIN sources s ON s.source = g.source
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN $by = 'township' THEN coalesce(region_name(group_code), group_code)
    ELSE group_code
  END AS group_name,
  source,
  department,
  CAST(round(births) AS BIGINT) AS births,
  CAST(round(boys) AS BIGINT) AS boys,
  CAST(round(girls) AS BIGINT) AS girls,
  CAST(round(reference_births) AS BIGINT) AS reference_births,
  CAST(round(births - reference_births) AS BIGINT) AS difference,
  round_half_up(100.0 * births / nullif(reference_births, 0), 2) AS ratio_pct,
  CASE
    WHEN births IS NULL THEN 'no_records'
    WHEN reference_births IS NULL OR reference_births = 0 THEN 'no_reference_births'
  END AS reason
FROM compared
ORDER BY group_code, source_order

/*
title: Aggregates beside the records
title_zh: 汇总数与逐条记录对照
description: Published and shared counts of a year beside the same counts made from the records of the departments
description_zh: 统计局公布数、卫健委共享数与各部门逐条记录汇总数的对照
owner: statistics
tags: [quality, births, deaths, departments]
unit: persons
unit_zh: 人
definition: >-
  Published = population_statistics (statistics bureau: resident concept, survey or census) or
  birth_counts (health, summed over towns when no county figure is there). Records = birth
  certificates (first issues), births on the household register (not moved in, no duplicates), all
  real births after linkage, deaths of persons (each once, whoever reported), active household
  entries. Difference = records − published; ratio = records / published × 100. Concepts differ -
  resident, registered, place of event - so a ratio of 100 is not expected; a jump from one year to
  the next is what to ask about.
params:
  year: {type: year, default: latest_complete_year, description: calendar year}
chart: {type: bar, x: measure, y: [published, records]}
publish: {threshold: 10, counts: [published, records], rates: [difference, ratio_pct]}
tests:
  - {unique: [measure, publisher, record_source]}
*/
WITH published AS (
  SELECT measure, value,
    row_number() OVER (PARTITION BY measure ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, delivery_id DESC) AS newest
  FROM population_statistics
  WHERE year = $year AND value IS NOT NULL AND measure IN ('births', 'deaths', 'resident_population', 'male_population', 'female_population')
    AND substr(region_code, 5, 2) <> '00' AND substr(region_code, 7, 6) = '000000'
),
shared AS (
  SELECT measure, breadth, sum(count) AS value, min(breadth) OVER (PARTITION BY measure) AS best
  FROM (
    SELECT measure, count, CASE WHEN substr(region_code, 7, 6) = '000000' THEN 0 ELSE 2 END + CASE WHEN month IS NULL THEN 0 ELSE 1 END AS breadth
    FROM birth_counts WHERE year = $year
  ) AS graded
  GROUP BY measure, breadth
),
counts AS (
  SELECT 'statistics' AS publisher, measure, value AS published FROM published WHERE newest = 1
  UNION ALL
  SELECT 'health', measure, value FROM shared WHERE breadth = best
),
certificates AS (
  SELECT count(*) AS births, count(*) FILTER (WHERE sex = 1) AS births_male, count(*) FILTER (WHERE sex = 2) AS births_female,
    nullif(count(*) FILTER (WHERE birth_order = 1), 0) AS births_first, nullif(count(*) FILTER (WHERE birth_order = 2), 0) AS births_second,
    nullif(count(*) FILTER (WHERE birth_order >= 3), 0) AS births_third_plus
  FROM birth_certificates WHERE birth_year = $year AND coalesce(issue_type, 'first') = 'first'
),
register AS (
  SELECT
    count(*) FILTER (WHERE birth_year = $year AND coalesce(registration_reason, 'birth') <> 'moved_in' AND coalesce(cancel_reason, 'other') <> 'duplicate') AS births,
    count(*) FILTER (WHERE alive) AS persons, count(*) FILTER (WHERE alive AND sex = 1) AS males, count(*) FILTER (WHERE alive AND sex = 2) AS females
  FROM (
    SELECT *, birth_year <= $year AND (registration_date IS NULL OR registration_date < make_date($year + 1, 1, 1))
      AND (coalesce(status, 'active') = 'active' OR cancel_date >= make_date($year + 1, 1, 1)) AS alive
    FROM household_register
  ) AS entries
),
records AS (
  SELECT 'births' AS measure, 'birth_certificates' AS record_source, 1 AS place, births AS records FROM certificates
  UNION ALL SELECT 'births_male', 'birth_certificates', 1, births_male FROM certificates
  UNION ALL SELECT 'births_female', 'birth_certificates', 1, births_female FROM certificates
  UNION ALL SELECT 'births_first', 'birth_certificates', 1, births_first FROM certificates
  UNION ALL SELECT 'births_second', 'birth_certificates', 1, births_second FROM certificates
  UNION ALL SELECT 'births_third_plus', 'birth_certificates', 1, births_third_plus FROM certificates
  UNION ALL SELECT 'births', 'household_register', 2, births FROM register
  UNION ALL SELECT 'births', 'births', 3, count(*) FROM births WHERE birth_year = $year
  UNION ALL SELECT 'deaths', 'deaths', 1, count(DISTINCT coalesce(encode(person_key, 'hex'), concat_ws('/', delivery_id, coalesce(source_sheet, ''), source_row))) FROM deaths WHERE death_year = $year
  UNION ALL SELECT 'resident_population', 'household_register', 1, persons FROM register
  UNION ALL SELECT 'male_population', 'household_register', 1, males FROM register
  UNION ALL SELECT 'female_population', 'household_register', 1, females FROM register
)
SELECT
  c.measure,
  c.publisher,
  CAST(c.published AS BIGINT) AS published,
  r.record_source,
  CAST(r.records AS BIGINT) AS records,
  CAST(r.records - c.published AS BIGINT) AS difference,
  round_half_up(100.0 * r.records / nullif(c.published, 0), 2) AS ratio_pct,
  CASE
    WHEN r.records IS NULL OR r.records = 0 THEN 'no_records'
    WHEN c.published = 0 THEN 'nothing_published'
    WHEN c.publisher = 'statistics' AND c.measure LIKE '%population' THEN 'resident_against_registered'
  END AS reason
FROM counts c
JOIN records r ON r.measure = c.measure
ORDER BY c.publisher DESC, c.measure, r.place

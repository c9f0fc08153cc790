/*
title: Population by age group
title_zh: 人口年龄构成
description: Population by age group and sex, with shares
description_zh: 按五岁年龄组的人口、比重和性别比
owner: statistics
tags: [indicator, population, age]
unit: persons
unit_zh: '人'
definition: >-
  Age = full years (周岁), at 24:00 on 31 December for the household register and at 0:00 on
  1 November for census and survey persons, who count with their weights.
  Share = people of the age group / people of known age × 100. People of unknown age are shown apart.
  Schemes: 5y = 0, 1–4, 5–9 … 85+; 5y0 = 0–4, 5–9 …; 10y = 0–9, 10–19 …; broad = 0–14, 15–64, 65+; working = 0–14, 15–59, 60+; school, police
  (0–17, 18–34, 35–59, 60+) and im (0–15, 16–59, 60+; bulletins of Inner Mongolia). Source: NBS,
  explanatory notes on main statistical indicators; census bulletins.
definition_zh: >-
  年龄为周岁：户籍人口按 12 月 31 日 24 时，普查与抽样调查按 11 月 1 日零时；比重的分母为年龄已知的人口。
params:
  year: {type: year, default: latest_complete_year, description: calendar year, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, sex, urban_rural, ethnicity], description: one set of rows per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [registered, resident, census, survey], description: 'household register at year-end, or persons of the census or survey of the year (resident = either)', description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  scheme: {type: choice, default: 5y, choices: [5y, 5y0, 10y, broad, working, school, police, im], description: age groups, description_zh: 年龄组的分法}
chart: {type: stacked_bar, x: age_group, y: [males, females]}
publish: {threshold: 10, counts: [population, males, females, unknown_sex], wholes: [known_age], sums: ["population = males + females + unknown_sex"], rates: [share_pct, sex_ratio]}
tests:
  - {unique: [group_code, age_group]}
  - {not_null: [population]}
  - {sql: SELECT * FROM _ WHERE males + females + unknown_sex <> population}
  - {on: sample, params: {year: 2018, basis: registered}, where: {age_group: 30-34}, expect: {population: 720, males: 320, known_age: 2985}}
*/
WITH people AS (
  SELECT
    CASE
      WHEN $by = 'township' THEN coalesce(h.township_code, 'unknown')
      WHEN $by = 'sex' THEN coalesce(CAST(h.sex AS VARCHAR), 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(h.ethnicity, 'unknown')
      ELSE 'total'
    END AS group_code,
    -- Full years at 24:00 on 31 December, when every birthday of the year has passed.
    CAST($year AS BIGINT) - h.birth_year AS age,
    h.sex AS sex,
    CAST(1 AS DOUBLE) AS weight
  FROM household_register h
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = h.region_code
  WHERE $basis = 'registered'
    AND coalesce(h.birth_year, 0) <= $year
    AND (h.registration_date IS NULL OR h.registration_date < make_date($year + 1, 1, 1))
    AND (coalesce(h.status, 'active') = 'active' OR h.cancel_date >= make_date($year + 1, 1, 1))
    AND ($region IS NULL OR starts_with(coalesce(h.region_code, h.township_code), $region))
  UNION ALL
  SELECT
    CASE
      WHEN $by = 'township' THEN concat(substr(s.region_code, 1, 9), '000')
      WHEN $by = 'sex' THEN coalesce(CAST(s.sex AS VARCHAR), 'unknown')
      WHEN $by = 'urban_rural' THEN CASE WHEN r.is_urban THEN 'urban' WHEN NOT r.is_urban THEN 'rural' ELSE 'unknown' END
      WHEN $by = 'ethnicity' THEN coalesce(s.ethnicity, 'unknown')
      ELSE 'total'
    END,
    -- Full years at 0:00 on 1 November; a missing month counts as January to October.
    CAST(s.survey_year AS BIGINT) - s.birth_year - CASE WHEN s.birth_month >= 11 THEN 1 ELSE 0 END,
    s.sex,
    s.weight
  FROM survey_persons s
  LEFT JOIN (SELECT region_code, is_urban FROM regions WHERE $by = 'urban_rural') r ON r.region_code = s.region_code
  WHERE $basis IN ('resident', 'census', 'survey')
    AND s.survey_year = $year
    AND ($basis = 'resident' OR (s.survey_year % 10 = 0) = ($basis = 'census'))
    AND ($region IS NULL OR starts_with(s.region_code, $region))
    -- Not living here, or born after the reference time.
    AND coalesce(s.residence_type, 'resident') <> 'away'
    AND NOT coalesce(s.birth_year = s.survey_year AND s.birth_month >= 11, false)
),
cells AS (
  -- Few cells of age and sex, so that labels are made once per cell and not per person.
  SELECT group_code, age, sex, sum(weight) AS weight
  FROM people
  GROUP BY group_code, age, sex
),
grouped AS (
  SELECT
    group_code,
    coalesce(age_group(age, $scheme), 'unknown') AS age_group,
    CAST(min(age_group_order(age, $scheme)) AS BIGINT) AS group_order,
    max(CASE WHEN age IS NULL THEN 0 ELSE 1 END) AS age_known,
    sum(weight) AS population,
    coalesce(sum(weight) FILTER (WHERE sex = 1), 0) AS males,
    coalesce(sum(weight) FILTER (WHERE sex = 2), 0) AS females,
    coalesce(sum(weight) FILTER (WHERE sex IS NULL OR sex NOT IN (1, 2)), 0) AS unknown_sex
  FROM (
    SELECT * FROM cells
    -- Every age group of the total appears, also an empty one.
    UNION ALL
    SELECT 'total', value, NULL, CAST(0 AS DOUBLE) FROM generate_series(0, 100)
    WHERE $by = 'none' AND age_group(value, $scheme) IS NOT NULL
  ) AS framed
  GROUP BY 1, 2
),
shared AS (
  SELECT *, sum(population * age_known) OVER (PARTITION BY group_code) AS known_age FROM grouped
)
SELECT
  group_code,
  CASE
    WHEN group_code = 'total' THEN '合计'
    WHEN group_code = 'unknown' THEN '不详'
    WHEN group_code = 'urban' THEN '城镇'
    WHEN group_code = 'rural' THEN '乡村'
    WHEN $by = 'township' THEN coalesce(region_name(group_code), group_code)
    WHEN $by = 'sex' THEN coalesce(code_name('sex', group_code), group_code)
    WHEN $by = 'ethnicity' THEN coalesce(code_name('ethnicity', group_code), group_code)
    ELSE group_code
  END AS group_name,
  age_group,
  CAST(round(population) AS BIGINT) AS population,
  CAST(round(males) AS BIGINT) AS males,
  CAST(round(females) AS BIGINT) AS females,
  CAST(round(unknown_sex) AS BIGINT) AS unknown_sex,
  CAST(round(known_age) AS BIGINT) AS known_age,
  CASE WHEN age_known = 1 THEN round_half_up(100.0 * population / nullif(known_age, 0), 2) END AS share_pct,
  round_half_up(100.0 * males / nullif(females, 0), 2) AS sex_ratio,
  CASE
    WHEN known_age = 0 THEN 'no_population'
    WHEN age_known = 0 THEN 'unknown_age'
    WHEN females = 0 THEN 'no_women'
  END AS reason
FROM shared
ORDER BY group_code, group_order NULLS LAST, age_group

/*
title: Age pyramid
title_zh: 人口金字塔
description: Men and women by age group as shares of the population
description_zh: 各年龄组男女占总人口的百分比
owner: statistics
tags: [indicator, population, age]
unit: persons
unit_zh: '%'
definition: >-
  Age = full years (周岁), at 24:00 on 31 December for the household register and at 0:00 on
  1 November for census and survey persons, who count with their weights.
  Shares are of all people of known age and sex, both sexes together × 100. Groups 0, 1–4, 5–9 … 85+,
  or single years of age with 100+ as the last. Source: NBS, explanatory notes on main statistical
  indicators; census tables by age and sex.
definition_zh: >-
  各年龄组男性（女性）人口÷年龄和性别已知的总人口×100；年龄为周岁。
params:
  year: {type: year, default: latest_complete_year, description: calendar year, description_zh: 年份}
  by: {type: choice, default: none, choices: [none, township, urban_rural, ethnicity], description: one set of rows per what, description_zh: 按什么分组}
  basis: {type: choice, default: registered, choices: [registered, resident, census, survey], description: 'household register at year-end, or persons of the census or survey of the year (resident = either)', description_zh: 数据口径：常住（resident）、户籍（registered）、普查（census）或抽样（survey）}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 区划代码或其前几位；不填为全旗县}
  width: {type: choice, default: 5y, choices: [5y, 1y], description: five-year groups or single years of age, description_zh: 年龄组的宽度}
chart: {type: pyramid, x: age_group, y: [males, females]}
publish: {threshold: 10, counts: [population, males, females], wholes: [total_population], sums: ["population = males + females"], rates: [male_pct, female_pct, sex_ratio]}
tests:
  - {unique: [group_code, age_group]}
  - {on: sample, params: {year: 2018, basis: registered}, where: {age_group: 30-34}, expect: {population: 720, males: 320, male_pct: 10.72}}
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
aged AS (
  SELECT
    group_code,
    CASE WHEN $width = '1y' THEN least(age, 100) ELSE CAST(age_group_order(age, '5y') AS BIGINT) END AS group_order,
    CASE WHEN $width = '1y' THEN CASE WHEN age >= 100 THEN '100+' ELSE CAST(age AS VARCHAR) END ELSE age_group(age, '5y') END AS age_group,
    sex,
    weight
  FROM (
    SELECT * FROM cells WHERE age >= 0 AND sex IN (1, 2)
    -- Every age group of the total appears, also an empty one.
    UNION ALL
    SELECT 'total', value, NULL, CAST(0 AS DOUBLE) FROM generate_series(0, 100) WHERE $by = 'none'
  ) AS framed
),
grouped AS (
  SELECT
    group_code,
    age_group,
    min(group_order) AS group_order,
    coalesce(sum(weight) FILTER (WHERE sex = 1), 0) AS males,
    coalesce(sum(weight) FILTER (WHERE sex = 2), 0) AS females
  FROM aged
  GROUP BY group_code, age_group
),
shared AS (
  SELECT *, sum(males + females) OVER (PARTITION BY group_code) AS total FROM grouped
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
  CAST(round(males + females) AS BIGINT) AS population,
  CAST(round(males) AS BIGINT) AS males,
  CAST(round(females) AS BIGINT) AS females,
  CAST(round(total) AS BIGINT) AS total_population,
  round_half_up(100.0 * males / nullif(total, 0), 2) AS male_pct,
  round_half_up(100.0 * females / nullif(total, 0), 2) AS female_pct,
  round_half_up(100.0 * males / nullif(females, 0), 2) AS sex_ratio,
  CASE
    WHEN total = 0 THEN 'no_population'
    WHEN females = 0 THEN 'no_women'
  END AS reason
FROM shared
ORDER BY group_code, group_order

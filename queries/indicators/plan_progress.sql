/*
title: Progress of plans
title_zh: 规划目标进展
description: Targets of the development plans beside what the year reached
description_zh: 规划指标的目标、现状和进度
owner: development_reform
tags: [indicator, plan]
unit: unit of the plan
unit_zh: '随指标而定'
definition: >-
  Progress = (actual − base) / (target − base) × 100. Path = base + (target − base) × years passed /
  years planned, the straight line from base to target. Actual values come from the published
  statistics of the plan's region (resident population, births, deaths, urban share, crude rates over
  the mean of two year-ends, sex ratio) and from the birth certificates (sex ratio at birth); 万人 is
  converted. An indicator that the warehouse does not measure is listed with its reason. Source:
  definitions of the indicators named.
definition_zh: >-
  进度＝（现值－基期值）÷（目标值－基期值）×100；应达值按基期到目标年直线推算。
params:
  year: {type: year, default: latest_complete_year, description: calendar year to compare, description_zh: 年份}
  plan: {type: text, description: only the plan of this name, description_zh: 只看此规划}
  region: {type: code, description: region code or its beginning; all plans when left out, description_zh: 区划代码或其前几位；不填为全旗县}
chart: {type: bar, x: indicator, y: [progress_pct]}
publish: open
tests:
  - {not_null: [plan, indicator]}
  - {on: sample, params: {year: 2018}, where: {indicator: 出生人口}, expect: {target_value: 2200, actual_value: 1930, gap_to_target: 270}}
*/
WITH figures AS (
  SELECT region_code, year, measure, value,
    row_number() OVER (
      PARTITION BY region_code, year, measure
      ORDER BY CASE reference WHEN 'year_end' THEN 1 WHEN 'census' THEN 2 ELSE 3 END, CASE vintage WHEN 'revised' THEN 1 WHEN 'preliminary' THEN 3 ELSE 2 END, vintage DESC NULLS LAST, delivery_id DESC
    ) AS newest
  FROM population_statistics
  WHERE year BETWEEN $year - 1 AND $year AND value IS NOT NULL
),
placed AS (
  SELECT region_code,
    max(value) FILTER (WHERE year = $year AND measure = 'resident_population') AS population,
    max(value) FILTER (WHERE year = $year - 1 AND measure = 'resident_population') AS previous,
    max(value) FILTER (WHERE year = $year AND measure = 'births') AS births,
    max(value) FILTER (WHERE year = $year AND measure = 'deaths') AS deaths,
    max(value) FILTER (WHERE year = $year AND measure = 'urban_population') AS urban,
    max(value) FILTER (WHERE year = $year AND measure = 'male_population') AS males,
    max(value) FILTER (WHERE year = $year AND measure = 'female_population') AS females,
    max(value) FILTER (WHERE year = $year AND measure = 'population_60_plus') AS aged_60,
    max(value) FILTER (WHERE year = $year AND measure = 'population_65_plus') AS aged_65
  FROM figures
  WHERE newest = 1
  GROUP BY region_code
),
newborn AS (
  SELECT
    CAST(count(*) FILTER (WHERE sex = 1) AS DOUBLE) AS boys,
    CAST(count(*) FILTER (WHERE sex = 2) AS DOUBLE) AS girls
  FROM birth_certificates
  WHERE birth_year = $year AND coalesce(issue_type, 'first') = 'first'
),
names AS (
  SELECT column1 AS indicator, column2 AS measure
  FROM (VALUES
    ('resident_population', 'population'), ('常住人口', 'population'), ('年末常住人口', 'population'), ('总人口', 'population'), ('年末总人口', 'population'), ('常住人口规模', 'population'),
    ('births', 'births'), ('出生人口', 'births'), ('出生人数', 'births'),
    ('deaths', 'deaths'), ('死亡人口', 'deaths'), ('死亡人数', 'deaths'),
    ('urban_population', 'urban'), ('城镇人口', 'urban'), ('城镇常住人口', 'urban'),
    ('urban_pct', 'urban_pct'), ('urbanisation_rate', 'urban_pct'), ('城镇化率', 'urban_pct'), ('常住人口城镇化率', 'urban_pct'),
    ('birth_rate', 'birth_rate'), ('出生率', 'birth_rate'), ('人口出生率', 'birth_rate'),
    ('death_rate', 'death_rate'), ('死亡率', 'death_rate'), ('人口死亡率', 'death_rate'),
    ('natural_increase_rate', 'natural_increase_rate'), ('自然增长率', 'natural_increase_rate'), ('人口自然增长率', 'natural_increase_rate'),
    ('sex_ratio', 'sex_ratio'), ('总人口性别比', 'sex_ratio'), ('人口性别比', 'sex_ratio'),
    ('sex_ratio_at_birth', 'sex_ratio_at_birth'), ('出生人口性别比', 'sex_ratio_at_birth'),
    ('share_60_plus', 'share_60_plus'), ('60岁及以上人口比重', 'share_60_plus'),
    ('share_65_plus', 'share_65_plus'), ('65岁及以上人口比重', 'share_65_plus')
  ) AS listed
),
actual AS (
  SELECT d.*, n.measure,
    CASE n.measure
      WHEN 'population' THEN p.population
      WHEN 'births' THEN p.births
      WHEN 'deaths' THEN p.deaths
      WHEN 'urban' THEN p.urban
      WHEN 'urban_pct' THEN 100.0 * p.urban / nullif(p.population, 0)
      WHEN 'birth_rate' THEN 2000.0 * p.births / nullif(p.population + p.previous, 0)
      WHEN 'death_rate' THEN 2000.0 * p.deaths / nullif(p.population + p.previous, 0)
      WHEN 'natural_increase_rate' THEN 2000.0 * (p.births - p.deaths) / nullif(p.population + p.previous, 0)
      WHEN 'sex_ratio' THEN 100.0 * p.males / nullif(p.females, 0)
      WHEN 'sex_ratio_at_birth' THEN 100.0 * b.boys / nullif(b.girls, 0)
      WHEN 'share_60_plus' THEN 100.0 * p.aged_60 / nullif(p.population, 0)
      WHEN 'share_65_plus' THEN 100.0 * p.aged_65 / nullif(p.population, 0)
    END
    / CASE WHEN n.measure IN ('population', 'births', 'deaths', 'urban') AND d.unit LIKE '%万%' THEN 10000.0 ELSE 1.0 END AS actual_value,
    CASE
      WHEN $year <= d.base_year THEN d.base_value
      WHEN $year >= d.target_year THEN d.target_value
      ELSE d.base_value + (d.target_value - d.base_value) * ($year - d.base_year) / nullif(d.target_year - d.base_year, 0)
    END AS path_value
  FROM development_plans d
  LEFT JOIN names n ON n.indicator = d.indicator
  LEFT JOIN placed p ON p.region_code = d.region_code
  CROSS JOIN newborn b
  WHERE ($plan IS NULL OR d.plan = $plan)
    AND ($region IS NULL OR starts_with(d.region_code, $region))
)
SELECT
  region_code,
  coalesce(region_name(region_code), region_code) AS region_name,
  plan,
  indicator,
  unit,
  nature,
  CAST(base_year AS BIGINT) AS base_year,
  base_value,
  CAST(target_year AS BIGINT) AS target_year,
  target_value,
  CAST($year AS BIGINT) AS actual_year,
  round_half_up(actual_value, 4) AS actual_value,
  round_half_up(path_value, 4) AS path_value,
  round_half_up(target_value - actual_value, 4) AS gap_to_target,
  round_half_up(100.0 * (actual_value - base_value) / nullif(target_value - base_value, 0), 2) AS progress_pct,
  CASE
    WHEN actual_value IS NULL OR target_value IS NULL THEN NULL
    WHEN base_value IS NULL OR base_value = target_value THEN CASE WHEN actual_value >= target_value THEN 'reached' ELSE 'below_target' END
    WHEN (actual_value - target_value) * (target_value - base_value) >= 0 THEN 'reached'
    WHEN (actual_value - path_value) * (target_value - base_value) >= 0 THEN 'on_path'
    ELSE 'behind'
  END AS status,
  CASE
    WHEN measure IS NULL THEN 'indicator_not_measured'
    WHEN actual_value IS NULL THEN 'no_actual_value'
    WHEN target_value IS NULL THEN 'no_target'
    WHEN base_value IS NULL THEN 'no_base'
    WHEN base_value = target_value THEN 'no_change_planned'
  END AS reason
FROM actual
ORDER BY region_code, plan, indicator, target_year

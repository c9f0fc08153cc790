/*
title: Timeliness of registration
title_zh: 登记及时率
description: Share of births and deaths registered within the time limit, by department
description_zh: 在规定期限内登记的出生和死亡所占比例，按部门列出
owner: health
tags: [indicator, births, deaths, quality]
unit: records
unit_zh: 条
definition: >-
  Timeliness = records registered within the limit / records with both dates × 100. Limits -
  household registration one month after birth (户口登记条例, article 7, counted as 31 days); birth
  certificate 30 days after birth (custom, no national limit); removal of the dead from the household
  register one month after death (article 8, counted as 31 days). Events whose limit ends after the last
  registration in the register are left out (not_yet_due), because only the early ones of them can be seen; records
  without a date or registered before the event are counted as undated. Children never registered are not seen
  here (see coverage). Interval - Wilson, 95 %.
definition_zh: >-
  及时率＝期限内登记的记录 / 两个日期齐全的记录 × 100。期限：出生落户为出生后一个月内（《户口登记条例》第七条，按31天计）；出生医学证明为出生后30天（惯例，国家没有规定）；死亡注销户口为死亡后一个月内（第八条，按31天计）。期限在该登记最后登记日之后才届满的事件不计入（not_yet_due），因为只能看到其中较早登记的；缺日期或登记早于事件的记录计入 undated。从未登记的儿童在此看不到（见 coverage）。区间为 Wilson 95% 区间。
params:
  year: {type: year, default: latest_complete_year, description: calendar year of the event, description_zh: 事件发生的年份}
  by: {type: choice, default: none, choices: [none, township, month], description: one set of rows per what, description_zh: 按什么分组，每组一套行}
  region: {type: code, description: region code or its beginning; the whole county when left out, description_zh: 行政区划代码或其开头几位；省略时为全县（旗）}
chart: {type: bar, x: event, y: [timeliness_pct]}
publish: {threshold: 10, counts: [on_time, late, dated, undated, not_yet_due], sums: ["dated = on_time + late"], open: [limit_days], rates: [timeliness_pct, timeliness_low, timeliness_high, median_days]}
tests:
  - {unique: [group_code, event]}
  - {not_null: [group_code, event, department]}
*/
WITH events AS (
  SELECT column1 AS event, column2 AS event_name, column3 AS department, column4 AS limit_days, column5 AS event_order
  FROM (VALUES
    ('household_registration', '出生落户', 'police', 31, 1),
    ('birth_certificate', '出生医学证明签发', 'health', 30, 2),
    ('death_cancellation', '死亡注销', 'police', 31, 3)
  ) AS listed
),
records AS (
  SELECT 'household_registration' AS event, birth_date AS event_date, registration_date AS reported, township_code,
    max(registration_date) OVER () AS last_reported
  FROM household_register
  WHERE coalesce(registration_reason, 'moved_in') IN ('birth', 'late')
    AND coalesce(cancel_reason, 'other') <> 'duplicate'
  UNION ALL
  SELECT 'birth_certificate', birth_date, issue_date, township_code, max(issue_date) OVER ()
  FROM birth_certificates
  WHERE coalesce(issue_type, 'first') = 'first'
  UNION ALL
  SELECT 'death_cancellation', d.death_date, h.cancel_date, h.township_code, max(h.cancel_date) OVER ()
  FROM household_register h
  JOIN (SELECT person_key, min(death_date) AS death_date FROM deaths WHERE person_key IS NOT NULL GROUP BY person_key) d ON d.person_key = h.person_key
  WHERE h.status = 'cancelled'
),
timed AS (
  SELECT r.event,
    CASE
      WHEN $by = 'township' THEN coalesce(r.township_code, 'unknown')
      WHEN $by = 'month' THEN concat($year, '-', lpad(CAST(extract(month FROM r.event_date) AS VARCHAR), 2, '0'))
      ELSE 'total'
    END AS group_code,
    -- Days since 1970 of both dates.
    CAST(date_part('epoch', r.reported) / 86400 AS BIGINT) - CAST(date_part('epoch', r.event_date) / 86400 AS BIGINT) AS days,
    CAST(date_part('epoch', r.last_reported) / 86400 AS BIGINT) - CAST(date_part('epoch', r.event_date) / 86400 AS BIGINT) < e.limit_days AS is_open,
    e.limit_days
  FROM records r
  JOIN events e ON e.event = r.event
  WHERE extract(year FROM r.event_date) = $year
    AND ($region IS NULL OR starts_with(r.township_code, $region))
),
judged AS (
  SELECT event, group_code, days,
    CASE
      WHEN is_open THEN 'not_yet_due'
      WHEN days IS NULL OR days < 0 THEN 'undated'
      WHEN days <= limit_days THEN 'on_time'
      ELSE 'late'
    END AS verdict
  FROM timed
),
counted AS (
  SELECT event, group_code,
    count(*) FILTER (WHERE verdict = 'on_time') AS on_time,
    count(*) FILTER (WHERE verdict = 'late') AS late,
    count(*) FILTER (WHERE verdict = 'undated') AS undated,
    count(*) FILTER (WHERE verdict = 'not_yet_due') AS not_yet_due,
    median(CAST(CASE WHEN verdict IN ('on_time', 'late') THEN days END AS DOUBLE)) AS median_days
  FROM judged
  GROUP BY event, group_code
  UNION ALL
  SELECT event, 'total', 0, 0, 0, 0, NULL FROM events
  WHERE $by = 'none' AND event NOT IN (SELECT event FROM judged)
)
SELECT
  c.group_code,
  CASE
    WHEN c.group_code = 'total' THEN '合计'
    WHEN c.group_code = 'unknown' THEN '不详'
    WHEN $by = 'township' THEN coalesce(region_name(c.group_code), c.group_code)
    ELSE c.group_code
  END AS group_name,
  c.event,
  e.event_name,
  e.department,
  e.limit_days,
  CAST(c.on_time AS BIGINT) AS on_time,
  CAST(c.late AS BIGINT) AS late,
  CAST(c.on_time + c.late AS BIGINT) AS dated,
  CAST(c.undated AS BIGINT) AS undated,
  CAST(c.not_yet_due AS BIGINT) AS not_yet_due,
  c.median_days,
  round_half_up(100.0 * c.on_time / nullif(c.on_time + c.late, 0), 2) AS timeliness_pct,
  CASE WHEN c.on_time + c.late > 0 THEN round_half_up(100.0 * wilson_low(c.on_time, c.on_time + c.late), 2) END AS timeliness_low,
  CASE WHEN c.on_time + c.late > 0 THEN round_half_up(100.0 * wilson_high(c.on_time, c.on_time + c.late), 2) END AS timeliness_high,
  CASE WHEN c.on_time + c.late = 0 THEN 'no_dated_records' END AS reason
FROM counted c
JOIN events e ON e.event = c.event
ORDER BY c.group_code, e.event_order

-- Ids of applications that look most like a given one.
-- Parameters: app_id String.
-- Result: app_id. At most three rows.
SELECT app_id
FROM (SELECT DISTINCT app_id FROM applications)
ORDER BY startsWith(app_id, {app_id:String}) DESC, editDistance(left(app_id, 200), left({app_id:String}, 200)), app_id
LIMIT 3

# One process of a task. Its lines in RUNS/TASK say what ran when; a lock on RUNS/TASK.lock, held by it and all its children as long
# as one of them lives, says whether it ran alone.
#
#   task.sh RUNS SECONDS BYTES FAILS_BEFORE
#
# Writes its run's name to both streams, then so many bytes more, and takes so long. Fails with 7 before the attempt of that number.
export LC_ALL=C
file=$1/$ARTEL_TASK_ID
run=$ARTEL_NODE-$$-$EPOCHREALTIME

# One line by one write to a file opened for appending: lines of several processes do not mix.
say() { printf '%s %s %s %s %s %s\n' "$1" "$ARTEL_ATTEMPT" "$ARTEL_NODE" "$run" "$EPOCHREALTIME" "$2" >> "$file"; }

exec 9>> "$file.lock"
if flock -n 9; then say start "$3"; else say overlap "$3"; fi

echo "$run"
[ "$3" -eq 0 ] || yes "$run" 2> /dev/null | head -c "$3"
echo "$run" >&2
sleep "$2"

status=0
[ "$ARTEL_ATTEMPT" -ge "$4" ] || status=7
say end "$status"
exit "$status"

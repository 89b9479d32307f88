# Stands in for a download from a busy server: it refuses the first two attempts. A task knows which attempt it is.
set -e
if [ "$ARTEL_ATTEMPT" -lt 3 ]; then
    echo "attempt $ARTEL_ATTEMPT: the server is busy, try again later" >&2
    exit 75
fi

mkdir -p retry.results
echo "an artel is a crew that takes on work together" > retry.results/words.txt
echo "attempt $ARTEL_ATTEMPT: got retry.results/words.txt"

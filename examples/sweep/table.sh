# Collects the points of the sweep into one table, on standard output and in sweep.results/table.txt.
set -e
cd sweep.results
sort -n points/r0-*.txt | awk '
    BEGIN { printf "%4s  %9s  %8s  %13s\n", "R0", "peak", "on day", "ever infected" }
    {
        bar = ""
        for (i = 0; i < $4 / 2.5; i++)
            bar = bar "#"
        printf "%4.1f  %8.1f%%  %8d  %12.1f%%  %s\n", $1, $2, $3, $4, bar
    }' > table.txt
cat table.txt

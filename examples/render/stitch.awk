# Lays the tiles side by side into one picture, a plain PPM: it reads one line of each tile of a row at a time.
BEGIN {
    width = ENVIRON["WIDTH"]
    height = ENVIRON["HEIGHT"]
    columns = ENVIRON["TILES_ACROSS"]
    rows = ENVIRON["TILES_DOWN"]

    picture = "render.results/render.ppm"
    printf "P3\n%d %d\n255\n", width, height > picture
    for (row = 0; row < rows; row++) {
        lines = int((row + 1) * height / rows) - int(row * height / rows)
        for (y = 0; y < lines; y++)
            for (column = 0; column < columns; column++) {
                tile = sprintf("render.results/tiles/%03d.txt", row * columns + column)
                if ((getline pixels < tile) <= 0) {
                    print "tile " tile " is missing or too short" > "/dev/stderr"
                    exit 1
                }
                print pixels > picture
            }

        for (column = 0; column < columns; column++)
            close(sprintf("render.results/tiles/%03d.txt", row * columns + column))
    }
    print "wrote " picture
}

# One epidemic in the SIR model, in small time steps: susceptible people meet infected ones, who recover after ten days.
# Takes R0 in tenths; leaves "R0, the share infected at the peak, the day of the peak, the share ever infected" as a point.
BEGIN {
    r0 = tenths / 10
    recovery = 1 / 10
    contacts = r0 * recovery
    step = 0.0005
    susceptible = 0.9999
    infected = 0.0001

    for (day = 0; infected > 0.00001 && day < 1500; day += step) {
        newly = contacts * susceptible * infected * step
        susceptible -= newly
        infected += newly - recovery * infected * step
        if (infected > peak) {
            peak = infected
            peak_day = day
        }
    }

    point = sprintf("%.1f %.1f %.0f %.1f", r0, 100 * peak, peak_day, 100 * (1 - susceptible))
    print point

    folder = "sweep.results/points"
    system("mkdir -p " folder)
    print point > (folder "/r0-" tenths ".txt")
}

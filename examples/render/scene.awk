# Renders one tile of a picture by ray tracing: glazed balls on a mirror-smooth floor at dusk.
# Takes the tile (from 0); the sizes come from the environment. Leaves the tile's pixels as text.
BEGIN {
    width = ENVIRON["WIDTH"]
    height = ENVIRON["HEIGHT"]
    columns = ENVIRON["TILES_ACROSS"]
    rows = ENVIRON["TILES_DOWN"]
    samples = ENVIRON["SAMPLES"]

    pi = atan2(0, -1)
    build_scene()

    x0 = int((tile % columns) * width / columns)
    x1 = int((tile % columns + 1) * width / columns)
    y0 = int(int(tile / columns) * height / rows)
    y1 = int((int(tile / columns) + 1) * height / rows)

    system("mkdir -p render.results/tiles")
    file = sprintf("render.results/tiles/%03d.txt", tile)
    for (y = y0; y < y1; y++) {
        line = ""
        for (x = x0; x < x1; x++)
            line = line pixel(x, y)
        print line > file
    }
    printf "tile %d: pixels %d..%d x %d..%d\n", tile, x0, x1 - 1, y0, y1 - 1
}

# Balls on a golden spiral, growing outwards: position (bx, by, bz), radius br, colour (cr, cg, cb).
function build_scene(    i, angle, distance, hue) {
    balls = 0
    for (i = 0; i < 15; i++) {
        angle = i * 2.39996 + 0.6
        distance = 0.80 * sqrt(i)
        add_ball(distance * cos(angle), distance * sin(angle), 0.27 + 0.022 * i, 1.10 - 0.041 * i)
    }

    # The sun stands low at the left, behind the viewer.
    sunx = -0.55; suny = 0.62; sunz = -0.56
}

function add_ball(x, z, radius, hue) {
    bx[balls] = x; by[balls] = radius; bz[balls] = z; br[balls] = radius
    cr[balls] = wave(hue); cg[balls] = wave(hue - 0.33); cb[balls] = wave(hue - 0.67)
    balls++
}

# One colour of a soft wheel of hues.
function wave(hue) {
    return 0.43 + 0.36 * cos(2 * pi * hue)
}

# The mean colour of a pixel's samples, as "r g b " in 0..255.
function pixel(x, y,    i, j, u, v, r, g, b, n) {
    r = g = b = 0
    for (i = 0; i < samples; i++)
        for (j = 0; j < samples; j++) {
            u = (x + (i + 0.5) / samples - width / 2) / height
            v = (height / 2 - y - (j + 0.5) / samples) / height
            camera_ray(u, v)
            r += red; g += green; b += blue
        }

    n = samples * samples
    return byte(r / n) " " byte(g / n) " " byte(b / n) " "
}

# From light to a byte: bright parts are bent into the range, then gamma.
function byte(light) {
    light = 1 - exp(-1.55 * light)
    return int(255 * light ^ 0.4545 + 0.5)
}

# Looks from a little above towards the middle of the spiral.
function camera_ray(u, v,    dx, dy, dz, length_, tilt) {
    tilt = 0.235
    dx = u
    dy = v * cos(tilt) - 1.35 * sin(tilt)
    dz = v * sin(tilt) + 1.35 * cos(tilt)
    length_ = sqrt(dx * dx + dy * dy + dz * dz)
    trace(0, 2.05, -6.2, dx / length_, dy / length_, dz / length_, 2)
}

# Sets nearest (distance along the ray) and hit: the ball, -1 for the floor, -2 for the sky.
function find_hit(ox, oy, oz, dx, dy, dz,    i, x, y, z, along, rest, t) {
    nearest = 1e9
    hit = -2
    if (dy < -1e-6) {
        nearest = -oy / dy
        hit = -1
    }
    for (i = 0; i < balls; i++) {
        x = bx[i] - ox; y = by[i] - oy; z = bz[i] - oz
        along = x * dx + y * dy + z * dz
        if (along <= 0)
            continue
        rest = br[i] * br[i] - (x * x + y * y + z * z - along * along)
        if (rest <= 0)
            continue
        t = along - sqrt(rest)
        if (t > 1e-4 && t < nearest) {
            nearest = t
            hit = i
        }
    }
}

# How much of the sun reaches a point; the edge of a shadow is soft, softer the farther the ball is.
function sunlight(px, py, pz, self,    i, x, y, z, along, off, edge, light) {
    light = 1
    for (i = 0; i < balls; i++) {
        if (i == self)
            continue
        x = bx[i] - px; y = by[i] - py; z = bz[i] - pz
        along = x * sunx + y * suny + z * sunz
        if (along <= 0)
            continue
        off = sqrt(x * x + y * y + z * z - along * along) - br[i]
        edge = 0.06 * along
        if (off < -edge)
            return 0
        if (off < edge)
            light *= (off + edge) / (2 * edge)
    }
    return light
}

# Sets red, green, blue to what is seen along a ray.
function trace(ox, oy, oz, dx, dy, dz, depth,    px, py, pz, nx, ny, nz, i, t, cosine, lit, shine, k, far, r, g, b, mirror, near, sky_light) {
    find_hit(ox, oy, oz, dx, dy, dz)
    if (hit == -2) {
        sky(dx, dy, dz)
        return
    }

    i = hit
    t = nearest
    px = ox + t * dx; py = oy + t * dy; pz = oz + t * dz
    if (i == -1) {
        nx = 0; ny = 1; nz = 0
        k = 0.20 + 0.09 * ((int(px + 1000) + int(pz + 1000)) % 2)
        r = 0.34 * k; g = 0.40 * k; b = 0.66 * k
    } else {
        nx = (px - bx[i]) / br[i]; ny = (py - by[i]) / br[i]; nz = (pz - bz[i]) / br[i]
        r = cr[i]; g = cg[i]; b = cb[i]
    }

    cosine = nx * sunx + ny * suny + nz * sunz
    lit = cosine > 0 ? cosine * sunlight(px, py, pz, i) : 0

    # Points close to the floor between balls get less of the sky.
    sky_light = 0.30 + 0.18 * ny
    if (i == -1)
        sky_light *= nearby(px, pz)

    cosine = -(dx * nx + dy * ny + dz * nz)
    mirror = 0.05 + 0.75 * (1 - cosine) ^ 4
    if (i == -1)
        mirror = 0.16 + 0.62 * (1 - cosine) ^ 3

    r *= 1.35 * lit + sky_light * 0.80
    g *= 1.16 * lit + sky_light * 0.90
    b *= 0.92 * lit + sky_light * 1.15

    shine = 0
    if (i >= 0 && lit > 0) {
        k = (dx + 2 * cosine * nx) * sunx + (dy + 2 * cosine * ny) * suny + (dz + 2 * cosine * nz) * sunz
        if (k > 0)
            shine = 1.6 * k ^ 60
    }

    if (depth > 0 && mirror > 0.03) {
        trace(px, py, pz, dx + 2 * cosine * nx, dy + 2 * cosine * ny, dz + 2 * cosine * nz, depth - 1)
        r = r * (1 - mirror) + red * mirror
        g = g * (1 - mirror) + green * mirror
        b = b * (1 - mirror) + blue * mirror
    }

    r += shine; g += 0.92 * shine; b += 0.75 * shine

    # The floor melts into the horizon.
    if (i == -1) {
        far = exp(-0.0011 * t * t)
        sky(dx, 0, dz)
        r = r * far + red * (1 - far)
        g = g * far + green * (1 - far)
        b = b * far + blue * (1 - far)
    }
    red = r; green = g; blue = b
}

# The dark rim under a ball: how open the floor is to the sky.
function nearby(px, pz,    i, x, z, d, open) {
    open = 1
    for (i = 0; i < balls; i++) {
        x = px - bx[i]; z = pz - bz[i]
        d = (x * x + z * z) / (br[i] * br[i])
        if (d < 4)
            open *= 0.35 + 0.65 * d / 4
    }
    return open
}

# Dusk: warm at the horizon, blue above.
function sky(dx, dy, dz,    up, warm, glow) {
    up = dy < 0 ? 0 : dy
    warm = exp(-5 * up)
    glow = exp(-22 * up)
    red = 0.012 + 0.09 * warm + 0.85 * glow
    green = 0.025 + 0.04 * warm + 0.30 * glow
    blue = 0.09 + 0.16 * warm + 0.03 * glow
}

namespace Artel.Core;

/// <summary>
/// Numbers that look drawn at random and follow from what they are drawn for. SplitMix64: Steele, Lea and Flood, "Fast Splittable
/// Pseudorandom Number Generators", OOPSLA 2014; constants as in https://prng.di.unimi.it/splitmix64.c (public domain).
/// </summary>
internal static class SplitMix64
{
    /// <summary>From 0 to below 1.</summary>
    public static double Fraction(ulong a, ulong b, ulong c) => (Next(Next(Next(a) ^ b) ^ c) >> 11) * (1.0 / (1UL << 53));

    /// <summary>The first number that the generator gives from a seed.</summary>
    public static ulong Next(ulong seed)
    {
        var z = seed + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

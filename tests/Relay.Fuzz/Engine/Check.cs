using System.Diagnostics.CodeAnalysis;

namespace Relay.Fuzz.Engine;

/// <summary>Ends a run whose property does not hold.</summary>
internal static class Check
{
    public static void That([DoesNotReturnIf(false)] bool holds, string property)
    {
        if (!holds)
            throw new PropertyException(property);
    }

    public static void Same<T>(T expected, T actual, string property)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new PropertyException($"{property}: {expected} and {actual}");
    }
}

/// <summary>A property of a target does not hold for an input.</summary>
public sealed class PropertyException(string property) : Exception(property);

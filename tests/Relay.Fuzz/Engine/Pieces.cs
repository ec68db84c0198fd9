namespace Relay.Fuzz.Engine;

/// <summary>Where to cut an input in two, or into more.</summary>
internal static class Pieces
{
    private const int Most = 64;

    /// <summary>Every place of a short input, and of a long one so many that are spread over it.</summary>
    public static IEnumerable<int> Cuts(int length)
    {
        var step = Math.Max(1, length / Most);
        for (var at = 0; at <= length; at += step)
            yield return at;
    }
}

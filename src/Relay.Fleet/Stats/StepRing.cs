namespace Relay.Fleet.Stats;

/// <summary>The newest steps of time, each with what came in it.</summary>
internal sealed class StepRing<T>(int seconds, int count) where T : class
{
    private readonly (long Number, T? Value)[] _steps = new (long, T?)[count];

    /// <summary>The step that a time is in.</summary>
    public long NumberOf(DateTimeOffset at) => Math.DivRem(at.ToUnixTimeMilliseconds(), 1000L * seconds).Quotient;

    /// <summary>The beginning of a step.</summary>
    public DateTimeOffset StartOf(long number) => DateTimeOffset.FromUnixTimeSeconds(number * seconds);

    /// <summary>What came in a step; null when nothing did, or it is too long ago.</summary>
    public T? this[long number]
    {
        get => _steps[number % _steps.Length] is var step && step.Number == number ? step.Value : null;
        set => _steps[number % _steps.Length] = (number, value);
    }

    /// <summary>What came in the steps from one on, oldest first, that have anything.</summary>
    public IEnumerable<(long Number, T Value)> From(long number) =>
        _steps.Where(step => step.Value is not null && step.Number >= number).OrderBy(step => step.Number)
            .Select(step => (step.Number, step.Value!));
}

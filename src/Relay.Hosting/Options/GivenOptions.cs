namespace Relay.Hosting.Options;

/// <summary>The options as they were given: bound to their definitions, merged by precedence, not validated.</summary>
public sealed class GivenOptions
{
    private readonly Dictionary<OptionDefinition, OptionValue> _values = [];

    /// <summary>Options that were given.</summary>
    public IReadOnlyCollection<OptionDefinition> Given => _values.Keys;

    /// <summary>What was given for an option, or <see langword="null"/>.</summary>
    public OptionValue? Find(OptionDefinition option) => _values.GetValueOrDefault(option);

    /// <summary>Sets an option.</summary>
    public void Set(OptionDefinition option, OptionValue value) => _values[option] = value;

    /// <summary>Takes over what is not given here. The values of a repeatable option are not mixed.</summary>
    public void FillFrom(GivenOptions other)
    {
        foreach (var (option, value) in other._values)
            _values.TryAdd(option, value);
    }
}

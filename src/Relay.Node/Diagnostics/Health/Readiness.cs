namespace Relay.Node.Diagnostics.Health;

/// <summary>
/// Whether the node wants new clients, and if not, why: the sum of conditions that its parts register and keep true.
/// Read by <c>/readyz</c>; written from any thread.
/// </summary>
internal sealed class Readiness
{
    private readonly Lock _gate = new();
    private ReadinessCondition[] _conditions = [];

    /// <summary>Adds a condition.</summary>
    /// <param name="name">A word for programs, such as <c>lease</c>.</param>
    /// <param name="unmetBecause">Why it is not met to begin with; null where it is.</param>
    /// <exception cref="ArgumentException">There is one of this name.</exception>
    internal ReadinessCondition Register(string name, string? unmetBecause = null)
    {
        var condition = new ReadinessCondition(name, unmetBecause);
        lock (_gate)
        {
            if (_conditions.Any(known => known.Name == name))
                throw new ArgumentException($"There is a condition '{name}' already.", nameof(name));
            Volatile.Write(ref _conditions, [.. _conditions, condition]);
        }
        return condition;
    }

    /// <summary>All of them, in the order in which they were added.</summary>
    internal IReadOnlyList<ReadinessCondition> Conditions => Volatile.Read(ref _conditions);

    /// <summary>What is against new clients at this moment; empty when the node is ready.</summary>
    internal IReadOnlyList<UnmetCondition> Unmet()
    {
        var unmet = new List<UnmetCondition>();
        foreach (var condition in Conditions)
        {
            if (condition.UnmetBecause is { } reason)
                unmet.Add(new UnmetCondition(condition.Name, reason));
        }
        return unmet;
    }
}

/// <summary>One condition of readiness. Its owner says whether it is met, from any thread.</summary>
internal sealed class ReadinessCondition(string name, string? unmetBecause)
{
    private volatile string? _unmetBecause = unmetBecause;

    /// <summary>A word for programs.</summary>
    internal string Name { get; } = name;

    /// <summary>Why it is not met; null where it is.</summary>
    internal string? UnmetBecause => _unmetBecause;

    /// <summary>It is met.</summary>
    internal void Meet() => _unmetBecause = null;

    /// <summary>It is not met.</summary>
    /// <param name="reason">One line for people; no client, target or secret.</param>
    internal void Fail(string reason) => _unmetBecause = reason;
}

/// <summary>A condition that is not met, and why.</summary>
/// <param name="Condition">Its name.</param>
/// <param name="Reason">One line for people.</param>
internal readonly record struct UnmetCondition(string Condition, string Reason);

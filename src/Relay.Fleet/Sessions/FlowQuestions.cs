using Relay.Fleet.Contract;

namespace Relay.Fleet.Sessions;

/// <summary>The questions that a node was asked and has not answered.</summary>
internal sealed class FlowQuestions
{
    /// <summary>How many can be open at a time.</summary>
    public const int Capacity = 64;

    private readonly List<(FlowLookup Lookup, DateTimeOffset Until)> _open = [];

    /// <summary>Asks; the same id twice is one question.</summary>
    public bool Add(FlowLookup lookup, DateTimeOffset now, DateTimeOffset until)
    {
        if (_open.Exists(question => question.Lookup.Id == lookup.Id))
            return true;
        _open.RemoveAll(question => question.Until <= now);
        if (_open.Count == Capacity)
            return false;
        _open.Add((lookup, until));
        return true;
    }

    /// <summary>What is still asked.</summary>
    public IReadOnlyList<FlowLookup> Open(DateTimeOffset now)
    {
        if (_open.Count == 0)
            return [];
        _open.RemoveAll(question => question.Until <= now);
        return [.. _open.Select(question => question.Lookup)];
    }

    /// <summary>Ends the questions that are answered.</summary>
    /// <returns>The answers to what was asked, without others.</returns>
    public IReadOnlyList<FlowAnswer> Close(IReadOnlyList<FlowAnswer> answers)
    {
        if (answers.Count == 0)
            return answers;
        return [.. answers.Where(answer => _open.RemoveAll(question => question.Lookup.Id == answer.Id) > 0)];
    }
}

namespace Relay.Fleet.Contract;

/// <summary>
/// The body of an operator's request. A member that is absent has its default, so that one that is wrong does not hide
/// what is wrong with the others; what must be there is said by <see cref="Faults"/>.
/// </summary>
public interface IRequestBody
{
    /// <summary>What is wrong: a field, as JSON names it and empty for the body as a whole, and why.</summary>
    IEnumerable<(string Field, string Detail)> Faults();
}

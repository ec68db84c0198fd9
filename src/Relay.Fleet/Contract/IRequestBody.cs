namespace Relay.Fleet.Contract;

/// <summary>
/// The body of an operator's request. A member that is absent has its default, so that one that is wrong does not hide
/// what is wrong with the others; what must be there is said by <see cref="Faults"/>.
/// </summary>
public interface IRequestBody
{
    /// <summary>All that is wrong: a field, as JSON names it and empty for the body as a whole, and what with it.</summary>
    IEnumerable<(string Field, string Detail)> Faults();
}

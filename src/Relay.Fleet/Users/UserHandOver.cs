using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>
/// How far one node was given a whole set. In memory: where that is lost, the set begins anew. The last answer but one counts as
/// well, since the last may have been lost.
/// </summary>
public sealed class UserHandOver
{
    private UserPosition? _given;
    private UserPosition? _before;
    private long _floor = -1;

    /// <summary>
    /// The floor (<see cref="UserStanding.Floor"/>) when the node was given the beginning of the set that it gathers; negative where
    /// it gathers none.
    /// </summary>
    public long SinceOf(UserPosition? position) => position is not null && (position == _given || position == _before) ? _floor : -1;

    /// <summary>The node is given a page.</summary>
    /// <param name="position">What it had.</param>
    /// <param name="page">The page.</param>
    /// <param name="floor">The store's floor.</param>
    public void Give(UserPosition position, UserPage page, long floor)
    {
        _floor = page.From == 0 ? floor : SinceOf(position);
        (_given, _before) = (new UserPosition(page.Store, page.Version), page.From == 0 ? null : position);
    }
}

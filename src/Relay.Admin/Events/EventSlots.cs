using Relay.Admin.Identity;

namespace Relay.Admin.Events;

/// <summary>Bounds the readers of the event stream, in all and by caller.</summary>
internal sealed class EventSlots(AdminConfig config)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Account, int> _byCaller = [];
    private int _all;

    /// <summary>How many there are now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _all;
        }
    }

    /// <summary>Takes a place; false where there is none.</summary>
    /// <param name="caller">Who reads.</param>
    public bool TryTake(Account caller)
    {
        lock (_gate)
        {
            var own = _byCaller.GetValueOrDefault(caller);
            if (_all >= config.MaxEventClients || own >= config.MaxEventClientsPerCaller)
                return false;
            _all++;
            _byCaller[caller] = own + 1;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack(Account caller)
    {
        lock (_gate)
        {
            _all--;
            if (--_byCaller[caller] == 0)
                _byCaller.Remove(caller);
        }
    }
}

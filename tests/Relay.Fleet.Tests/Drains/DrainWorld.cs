using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Drains;
using Relay.Fleet.Json;
using Relay.Fleet.Nodes;

namespace Relay.Fleet.Tests.Drains;

/// <summary>
/// Nodes, and a coordinator that stores every change before it acts on the next, and may crash at each: what it knows
/// then is what it had stored.
/// </summary>
internal sealed class DrainWorld
{
    public static readonly FleetTimings Timings = new()
    {
        NodeTimeout = TimeSpan.FromSeconds(15),
        LameTime = TimeSpan.FromSeconds(1),
        ReturnTime = TimeSpan.FromSeconds(60),
        ForgetAfter = TimeSpan.FromSeconds(120),
    };

    private readonly Dictionary<string, DrainPlanState> _planStore = [];
    private DrainSlotsState _slotStore = new();
    private NodeRegistryState _registryStore = new();
    private List<DrainPlan> _plans = [];
    private DrainSlots _slots = new(Timings);
    private NodeRegistry _registry = new(Timings, DateTimeOffset.UnixEpoch);
    private int? _writesUntilCrash;
    private int _lastId;

    public DrainWorld(int nodes, int budget)
    {
        Budget = budget;
        Processes = [.. Enumerable.Range(0, nodes).Select(i => new DrainProcess($"n{i}"))];
        foreach (var process in Processes)
            Report(process, arrives: true);
    }

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch;

    public int Budget { get; }

    public IReadOnlyList<DrainProcess> Processes { get; }

    public IReadOnlyList<DrainPlan> Plans => _plans;

    public IReadOnlyList<DrainSlot> Slots => _slots.ToState().Slots;

    public int Crashes { get; private set; }

    public void CrashAfterWrites(int count) => _writesUntilCrash = count;

    /// <summary>A node reports; its directive arrives, or is lost.</summary>
    public void Report(DrainProcess process, bool arrives)
    {
        if (!process.IsAlive)
            return;
        var info = process.Report(Now);
        DrainOrder? order = null;
        var isAnswered = Run(() =>
        {
            _registry.Observe(info, Now);
            _registryStore = Write(_registry.ToState());
            ForEachPlan(plan => plan.Observe(info, Now));
            Settle();
            order = _plans.Select(plan => plan.OrderFor(info.Id, info.Incarnation, Now))
                .FirstOrDefault(found => found is not null);
        });
        if (isAnswered)
            process.HeardAt = Now;
        if (isAnswered && arrives)
            process.Obey(order, Now);
    }

    /// <summary>A process ends in order; another begins later, or does not.</summary>
    public void Leave(DrainProcess process)
    {
        if (!process.IsAlive)
            return;
        var info = process.Report(Now);
        process.Die();
        Run(() =>
        {
            ForEachPlan(plan => plan.ObserveLeft(info, Now));
            _registry.Leave(info.Id, Now);
            _registryStore = Write(_registry.ToState());
            Settle();
        });
    }

    public void Start(IReadOnlyList<string> nodes, int deadlineSeconds, DrainMode mode, OnLostNode onLost) => Run(() =>
    {
        var request = new DrainRequest
        {
            Id = $"d{++_lastId}",
            Nodes = nodes,
            MaxConcurrent = DrainBudget.Nodes(Budget),
            DeadlineSeconds = deadlineSeconds,
            Mode = mode,
            OnLostNode = onLost,
        };
        var created = DrainPlan.Create(
            request, _registry.Nodes, node => _plans.Find(plan => plan.Has(node))?.Id ?? _slots.DrainOf(node), Now);
        if (created.Value is not { } state)
            return;
        var plan = new DrainPlan(state, Timings);
        _plans.Add(plan);
        _planStore[plan.Id] = Write(state);
        _slots.Enrol(plan.Id, plan.Waiting, Now);
        _slotStore = Write(_slots.ToState());
        Settle();
    });

    public void Undrain(string node) => Run(() =>
    {
        ForEachPlan(plan => plan.Undrain(node, Now));
        Settle();
    });

    public void Cancel(int choice) => Run(() =>
    {
        if (_plans.Count > 0)
        {
            var chosen = _plans[choice % _plans.Count];
            ForEachPlan(plan =>
            {
                if (plan == chosen)
                    plan.Cancel(Now);
            });
        }
        Settle();
    });

    /// <summary>Time passes at the coordinator, in seconds.</summary>
    public void Pass(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            Now += TimeSpan.FromSeconds(1);
            Run(Tick);
        }
    }

    /// <summary>Time passes while no coordinator is there.</summary>
    public void Outage(int seconds)
    {
        Crash();
        Now += TimeSpan.FromSeconds(seconds);
    }

    public void Check()
    {
        foreach (var process in Processes)
            process.IsGivenUp = process.IsOut
                && (process.IsGivenUp || Now - process.HeardAt >= Timings.NodeTimeout + TimeToReturn(process));
        var outOfService = Processes.Where(process => process.IsOut && !process.IsGivenUp)
            .Select(process => process.Node).ToArray();
        Assert.True(
            outOfService.Length <= Budget,
            $"{string.Join(", ", outOfService)} are out of service, and {Budget} may be");
        foreach (var plan in _plans)
        {
            var info = plan.ToInfo();
            var running =
                info.Nodes.Any(node => node.Step is DrainStep.Waiting or DrainStep.Lame or DrainStep.Draining);
            Assert.Equal(running, info.State == DrainState.Running);
            Assert.Equal(running, info.EndedAt is null);
        }
    }

    // One that is drained, as far as anybody knows, is waited for; one that is lost only where that was asked for.
    private TimeSpan TimeToReturn(DrainProcess process) =>
        _plans.Find(plan => plan.Id == process.Order) is { OnLostNode: OnLostNode.Continue } plan
            && !plan.Has(process.Node) ? TimeSpan.Zero : Timings.ReturnTime;

    private void Tick()
    {
        var tick = _registry.Tick(Now);
        if (tick.Silent.Count + tick.Forgotten.Count > 0)
            _registryStore = Write(_registry.ToState());
        foreach (var node in tick.Silent)
            ForEachPlan(plan => plan.Observe(node, Now));
        foreach (var node in tick.Forgotten)
            ForEachPlan(plan => plan.ObserveGone(node.Id, Now));
        Settle();
    }

    private void Settle()
    {
        foreach (var freed in Stored(() => _slots.Observe(_registry, Now)))
        {
            if (_registry.Find(freed.Node) is null)
                ForEachPlan(plan => plan.ObserveGone(freed.Node, Now));
        }
        ForEachPlan(plan =>
        {
            foreach (var name in plan.Waiting)
            {
                var node = _registry.Find(name);
                if (node is null)
                    plan.ObserveGone(name, Now);
                else if (node.State == NodeState.Silent
                    || Stored(() => _slots.Reserve(plan.Id, node, plan.MaxConcurrent, plan.OnLostNode, _registry, Now)).IsTaken)
                    plan.Start(node, Now);
                else
                    break;
            }
        });
        foreach (var plan in _plans)
        {
            Stored(() =>
            {
                _slots.Keep(plan.Id, plan.Waiting.Concat(plan.Ordered), Now);
                return true;
            });
        }
    }

    private void ForEachPlan(Action<DrainPlan> action)
    {
        foreach (var plan in _plans)
        {
            var before = plan.Revision;
            action(plan);
            if (plan.Revision != before)
                _planStore[plan.Id] = Write(plan.ToState());
        }
    }

    private T Stored<T>(Func<T> action)
    {
        var before = _slots.Revision;
        var result = action();
        if (_slots.Revision != before)
            _slotStore = Write(_slots.ToState());
        return result;
    }

    private T Write<T>(T state)
    {
        if (--_writesUntilCrash < 0)
            throw new CrashException();
        return state;
    }

    private bool Run(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (CrashException)
        {
            Crash();
            return false;
        }
    }

    private void Crash()
    {
        Crashes++;
        _writesUntilCrash = null;
        _plans = [.. _planStore.OrderBy(plan => int.Parse(plan.Key[1..], null))
            .Select(plan => new DrainPlan(Read(plan.Value, FleetJson.Of<DrainPlanState>()), Timings))];
        _slots = new DrainSlots(Timings, Read(_slotStore, FleetJson.Of<DrainSlotsState>()));
        _registry = new NodeRegistry(Timings, Now, Read(_registryStore, FleetJson.Of<NodeRegistryState>()));
    }

    // As storage has it.
    private static T Read<T>(T state, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(state, type), type)!;

    private sealed class CrashException : Exception;
}

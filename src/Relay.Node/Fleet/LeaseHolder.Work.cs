namespace Relay.Node.Fleet;

/// <content>What happens to a lease in its time: route, hook, use, end.</content>
internal sealed partial class LeaseHolder
{
    private void Tick(HeldLease lease, long now)
    {
        if (lease.State == HeldLeaseState.Ending)
        {
            // As where there was no memory for it: a block that is never given up is never had again.
            if (lease.End is { IsFaulted: true })
                BeginEnd(lease);
        }
        else if (now >= lease.Lease.Deadline)
            End(lease, "it has run out");
        else if (lease.State == HeldLeaseState.Granted && lease.IsReleasing)
            End(lease, "it was taken back");
        else if (lease.State == HeldLeaseState.Granted && now >= lease.RetryAt)
        {
            lease.State = HeldLeaseState.Preparing;
            _work.Add(InTurn(() => PrepareAsync(lease)));
        }
        else if (lease.State == HeldLeaseState.InUse && !MayOffer(lease, now))
            Stop(lease, lease.IsReleasing ? "it was taken back" : "it is not renewed");
        else if (lease.State == HeldLeaseState.Stopped && MayOffer(lease, now))
            Offer(lease);
        else if (lease is { State: HeldLeaseState.Stopped, IsReleasing: true } && !IsUsed(lease))
            End(lease, "it was taken back");
    }

    private static bool MayOffer(HeldLease lease, long now) =>
        !lease.IsReleasing && now < lease.Lease.Deadline - lease.StopTime;

    /// <summary>Runs what concerns routes and the hook, one after the other, off the caller's thread.</summary>
    private Task InTurn(Func<Task> work)
    {
        lock (_gate)
            return _turn = RunAfterAsync(_turn, work);
    }

    private static async Task RunAfterAsync(Task before, Func<Task> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        await work().ConfigureAwait(false);
    }

    private async Task PrepareAsync(HeldLease lease)
    {
        if (lease.State != HeldLeaseState.Preparing)
            return;
        if (egress.Prepare(lease.Prefix) is { } fault)
        {
            Refuse(lease, fault);
            return;
        }
        lease.IsAnnounced = true;
        // What could not be announced would be answered to nobody: not used before the hook has succeeded.
        if (hook is not null && await hook.RunAsync("gained", lease).ConfigureAwait(false) is { } failure)
        {
            Refuse(lease, $"the lease hook failed for {lease.Prefix}: {failure}");
            return;
        }
        lock (_gate)
        {
            // It may have run out meanwhile.
            if (lease.State != HeldLeaseState.Preparing)
                return;
            lease.State = HeldLeaseState.Stopped;
            lease.Fault = null;
            if (MayOffer(lease, clock.GetTimestamp()))
                Offer(lease);
        }
    }

    /// <summary>Puts a lease off: it is held and renewed, and tried again after a while.</summary>
    private void Refuse(HeldLease lease, string fault)
    {
        lock (_gate)
        {
            if (lease.Fault != fault)
                Log.LeaseUnusable(log, lease.Prefix, lease.Pool, fault);
            lease.Fault = fault;
            lease.RetryAt = clock.GetTimestamp() + Ticks(RetryInterval);
            if (lease.State == HeldLeaseState.Preparing)
                lease.State = HeldLeaseState.Granted;
        }
    }

    private void Offer(HeldLease lease)
    {
        lease.State = HeldLeaseState.InUse;
        egress.Offer(lease.Lease);
        Log.LeaseGained(log, lease.Prefix, lease.Pool, lease.Epoch);
        // A fleet that has lost its state may have granted another block: the one before is given back.
        foreach (var before in _held.FindAll(other => other != lease && other.Pool == lease.Pool && !other.IsReleasing))
        {
            before.IsReleasing = true;
            if (before.State == HeldLeaseState.InUse)
                Stop(before, $"{lease.Prefix} takes its place");
        }
    }

    private void Stop(HeldLease lease, string reason)
    {
        lease.State = HeldLeaseState.Stopped;
        egress.Withdraw(lease.Lease);
        Log.LeaseLost(log, lease.Prefix, lease.Pool, lease.Epoch, reason);
    }

    private void End(HeldLease lease, string reason)
    {
        if (lease.State == HeldLeaseState.InUse)
            Stop(lease, reason);
        lease.State = HeldLeaseState.Ending;
        BeginEnd(lease);
    }

    private void BeginEnd(HeldLease lease)
    {
        lease.End = Task.Run(() => EndAsync(lease));
        _work.Add(lease.End);
    }

    private async Task EndAsync(HeldLease lease)
    {
        // Not behind a hook that takes its time: this is what the deadline is for.
        await egress.EndAsync(lease.Lease).ConfigureAwait(false);
        await InTurn(() => FinishAsync(lease)).ConfigureAwait(false);
    }

    private async Task FinishAsync(HeldLease lease)
    {
        if (lease.IsAnnounced && hook is not null)
            await hook.RunAsync("lost", lease).ConfigureAwait(false);
        egress.Forget(lease.Prefix);
        lock (_gate)
        {
            _held.Remove(lease);
            // One that has run out is the grantor's to give; it may be the same again.
            if (lease.IsReleasing)
                _released.Add(lease.ToClaim());
        }
    }
}

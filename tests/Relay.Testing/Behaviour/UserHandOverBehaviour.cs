using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.State;
using Relay.Fleet.Users;
using Relay.Testing.Nodes;

namespace Relay.Testing.Behaviour;

/// <summary>How nodes get the fleet's users, and what they keep when the store is lost.</summary>
public abstract class UserHandOverBehaviour(Func<Task<IFleetHarness>> start) : FleetBehaviour(start)
{
    private IFleetBackup Backup => (IFleetBackup)Fleet;

    [Fact]
    public async Task Node_HasWhatIsChanged_AfterTwoReports()
    {
        var (node, users) = await JoinAsync("a");
        await PutAsync("alice");
        await PutAsync("bob");
        var (phone, secret) = DeviceSecret.Create("phone", null);
        await Fleet.AddDeviceAsync("alice", phone, Cancellation);
        await HasAsync(users, "alice", "bob");
        Assert.Equal(new CredentialEntry(phone.Id, DeviceSecret.HashOf(secret)), Assert.Single(users.Entries["alice"].Credentials));

        await Fleet.PutUserAsync(new User { Name = "bob", IsDisabled = true }, null, Cancellation);
        await Fleet.RemoveDeviceAsync("alice", phone.Id, Cancellation);
        // The answer to the second has it at the latest; it is taken before the third.
        await node.ReportAsync(Fleet);
        await node.ReportAsync(Fleet);
        users.Take(node.LastDirective!.Users);

        Assert.True(users.Entries["bob"].IsDisabled);
        Assert.Empty(users.Entries["alice"].Credentials);
        // One that has all is given nothing.
        await World.StepAsync();
        Assert.Null(node.LastDirective!.Users);
    }

    [Fact]
    public async Task Answer_SaysThatItKnowsTheUsers_WhereTheStoreAnswers()
    {
        var (node, users) = await JoinAsync("a");
        await PutAsync("alice");
        await HasAsync(users, "alice");
        await World.UntilAsync("it has all", () => node.LastDirective is { KnowsUsers: true, Users: null });

        // Nor is there anything for one that waits.
        users.Pretend(users.Position with { Version = users.Position.Version + (long)TimeSpan.FromDays(365).TotalMilliseconds });
        await World.StepAsync();
        await World.UntilAsync("it waits", () => node.LastDirective is { KnowsUsers: true, Users: null });

        users.Pretend(UserPosition.Nothing);
        await World.UntilAsync("it has a page", () => node.LastDirective is { KnowsUsers: true, Users: not null });
    }

    [Fact]
    public async Task Node_ThatHasUsers_IsGivenChangesOnly()
    {
        var (_, users) = await JoinAsync("a");
        await PutAsync("alice");
        await PutAsync("bob");
        await HasAsync(users, "alice", "bob");
        users.Pages.Clear();

        await Fleet.DeleteUserAsync("alice", null, Cancellation);
        await HasAsync(users, "bob");

        Assert.Equal("alice", Assert.Single(Assert.Single(users.Pages).Entries).Name);
    }

    [Fact]
    public async Task Node_ThatTakesNoUsers_IsGivenNone()
    {
        var node = await World.JoinAsync("a");
        node.Amend = static report => report with { Users = null };
        await PutAsync("alice");

        await World.RunAsync(3 * Timings.ReportInterval);

        Assert.True(node.LastDirective is { Users: null, KnowsUsers: false });
        Assert.Empty((await Fleet.GetUserStoreAsync(Cancellation)).Behind);
    }

    [Fact]
    public async Task Nodes_ThatHaveNotAll_AreNamed()
    {
        var (_, users) = await JoinAsync("a");
        await PutAsync("alice");
        await HasAsync(users, "alice");
        await World.UntilAsync("none is behind", async () => (await Fleet.GetUserStoreAsync(Cancellation)).Behind.Count == 0);
        users.Pretend(users.Position with { Version = 0, Store = Guid.Empty });
        var node = World.Nodes[0];
        node.Amend = report => report with { Users = users.Position };

        await World.UntilAsync("it is behind", async () => (await Fleet.GetUserStoreAsync(Cancellation)).Behind is ["a"]);

        Assert.Equal(users.Position, (await World.InfoAsync(node)).Users);
    }

    [Fact]
    public async Task ManyUsers_ComeInPages_ThatFit_WhatChangesMeanwhileAmongThem()
    {
        await ImportAsync([.. Enumerable.Range(0, 4000).Select(Many)]);
        var (_, users) = await JoinAsync("a");
        await World.UntilAsync("it has a page", () => users.Pages.Count > 0);
        Assert.Empty(users.Entries);

        await PutAsync("late");
        await Fleet.DeleteUserAsync(Many(0).Name, null, Cancellation);
        await Fleet.DeleteUserAsync(Many(3999).Name, null, Cancellation);
        await World.UntilAsync("it has all", () => users.Entries.ContainsKey("late"));

        Assert.Equal(
            Enumerable.Range(1, 3998).Select(static i => Many(i).Name).Append("late").Order(StringComparer.Ordinal),
            users.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.True(users.Pages.Count > 3);
        Assert.All(users.Pages, static page =>
            Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(page, FleetJson.Of<UserPage>()).Length, 1, UserPage.MaxBytes));
        // Another, when coordinators have changed, has the same.
        if (!World.KeepsState)
            return;
        await World.RestartAsync();
        var (_, others) = await JoinAsync("b");
        await World.UntilAsync("the other has all", () => others.Entries.Count == users.Entries.Count);
        Assert.Equal(users.Entries.Keys.Order(StringComparer.Ordinal), others.Entries.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Node_GoesOnWhereItWas_WhenCoordinatorsChange()
    {
        if (!World.KeepsState)
            return;
        var (_, users) = await JoinAsync("a");
        await PutAsync("alice");
        await HasAsync(users, "alice");
        users.Pages.Clear();

        await World.RestartAsync();
        await PutAsync("bob");
        await HasAsync(users, "alice", "bob");

        Assert.All(users.Pages, static page => Assert.True(page.From > 0));
    }

    [Fact]
    public async Task StoreThatIsLost_ReplacesNothing_BeforeItIsConfirmed()
    {
        var (node, users) = await JoinAsync("a");
        await PutAsync("alice");
        await HasAsync(users, "alice");
        var before = await Fleet.GetUserStoreAsync(Cancellation);

        await World.LoseStateAsync();
        await World.UntilAsync("it waits", async () => (await Fleet.GetUserStoreAsync(Cancellation)).Waiting is ["a"]);
        await PutAsync("bob");
        await World.RunAsync(3 * Timings.ReportInterval);

        Assert.Equal(["alice"], users.Entries.Keys);
        Assert.True(users.Refuses);
        Assert.Equal(before.Store, (await World.InfoAsync(node)).Users!.Store);
        var store = await Fleet.GetUserStoreAsync(Cancellation);
        Assert.NotEqual(before.Store, store.Store);
        Assert.Contains((await Fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "users-unconfirmed");
        // A node that has none takes what there is.
        var (_, others) = await JoinAsync("b");
        await HasAsync(others, "bob");
        Assert.Equal(FleetStatus.Conflict, (await Fleet.ConfirmUsersAsync(before.Store, Cancellation)).Status);

        var confirmed = await Fleet.ConfirmUsersAsync(store.Store, Cancellation);

        Assert.Equal((FleetStatus.Ok, true, store.Store), (confirmed.Status, confirmed.Value!.IsConfirmed, confirmed.Value.Store));
        await HasAsync(users, "bob");
        await World.UntilAsync("none waits", async () => (await Fleet.GetUserStoreAsync(Cancellation)) is { Waiting: [], Behind: [] });
        Assert.DoesNotContain(
            (await Fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "users-unconfirmed");
    }

    [Fact]
    public async Task StoreOfBefore_PutBack_WaitsForAConfirmation_AndIsAnotherThen()
    {
        var (_, users) = await JoinAsync("a");
        await PutAsync("alice");
        await HasAsync(users, "alice");
        // As a node has it that was told of what an older copy of the store does not know.
        users.Pretend(users.Position with { Version = users.Position.Version + (long)TimeSpan.FromDays(365).TotalMilliseconds });
        var store = (await Fleet.GetUserStoreAsync(Cancellation)).Store;

        await World.UntilAsync("it waits", async () => (await Fleet.GetUserStoreAsync(Cancellation)).Waiting is ["a"]);
        await PutAsync("bob");
        await World.RunAsync(3 * Timings.ReportInterval);
        Assert.Equal(["alice"], users.Entries.Keys);

        var confirmed = await Fleet.ConfirmUsersAsync(store, Cancellation);

        Assert.NotEqual(store, confirmed.Value!.Store);
        await HasAsync(users, "alice", "bob");
    }

    [Fact]
    public async Task Node_ThatIsQuarantined_IsGivenNothing_AndWhatItSaidCountsNoMore()
    {
        var (node, users) = await JoinAsync("a");
        await PutAsync("alice");
        await HasAsync(users, "alice");
        users.Pretend(users.Position with { Version = users.Position.Version + (long)TimeSpan.FromDays(365).TotalMilliseconds });
        await World.UntilAsync("it waits", async () => (await Fleet.GetUserStoreAsync(Cancellation)).Waiting is ["a"]);
        var store = (await Fleet.GetUserStoreAsync(Cancellation)).Store;
        var (pages, position) = (users.Pages.Count, users.Position);

        Assert.Equal(FleetStatus.Ok, (await Fleet.QuarantineNodeAsync("a", null, Cancellation)).Status);
        await PutAsync("bob");
        users.Pretend(UserPosition.Nothing);
        await World.RunAsync(3 * Timings.ReportInterval);

        Assert.True(node.LastFailure is FleetRejectedException { IsQuarantined: true });
        Assert.Equal(pages, users.Pages.Count);
        Assert.True(await Fleet.GetUserStoreAsync(Cancellation) is { Waiting: [], Behind: [] });
        Assert.DoesNotContain(
            (await Fleet.GetOverviewAsync(Cancellation)).Warnings, static warning => warning.Kind == "users-unconfirmed");
        Assert.Equal(store, (await Fleet.ConfirmUsersAsync(store, Cancellation)).Value!.Store);
        // Both are carried from one fleet to another.
        var document = FleetStateJson.Read(FleetStateJson.Write(await Backup.ExportAsync(Cancellation)), out _);
        Assert.Equal(["alice", "bob"], document!.Users!.Users.Select(static user => user.Name).Order(StringComparer.Ordinal));
        Assert.Equal("a", Assert.Single(document.Quarantine.Nodes).Node);
        node.IsCutOff = true;
        await World.LoseStateAsync();
        var import = await Backup.ImportAsync(document, Cancellation);
        Assert.Equal((2, "a"), (import.Value!.Users, Assert.Single(import.Value.Quarantined)));
        // With the quarantine lifted it is a node as any other.
        users.Pretend(position);
        node.IsCutOff = false;
        Assert.Equal(FleetStatus.Ok, (await Fleet.LiftQuarantineAsync("a", null, Cancellation)).Status);
        await World.UntilAsync("it waits again", async () => (await Fleet.GetUserStoreAsync(Cancellation)).Waiting is ["a"]);
        await Fleet.ConfirmUsersAsync((await Fleet.GetUserStoreAsync(Cancellation)).Store, Cancellation);
        await HasAsync(users, "alice", "bob");
    }

    [Fact]
    public async Task Import_AfterUsersWereLost_AddsThem_AndWhatDiffersIsAConflict()
    {
        var (_, users) = await JoinAsync("a");
        await PutAsync("alice");
        var (phone, _) = DeviceSecret.Create("phone", null);
        await Fleet.AddDeviceAsync("alice", phone, Cancellation);
        await PutAsync("bob");
        await HasAsync(users, "alice", "bob");
        await World.UntilAsync(
            "it has the device", () => users.Entries["alice"].Credentials.Count == 1);
        var document = FleetStateJson.Read(
            FleetStateJson.Write(await Backup.ExportAsync(Cancellation)), out var faults);
        Assert.Empty(faults);
        Assert.Equal(0, (await Backup.ImportAsync(document!, Cancellation)).Value!.Users);
        await World.LoseStateAsync();

        var import = await Backup.ImportAsync(document!, Cancellation);
        await World.StepAsync();

        Assert.Equal(2, import.Value!.Users);
        Assert.Equal(phone.Id, Assert.Single((await Fleet.GetUserAsync("alice", Cancellation))!.Devices).Id);
        var store = await Fleet.GetUserStoreAsync(Cancellation);
        Assert.Equal(FleetStatus.Ok, (await Fleet.ConfirmUsersAsync(store.Store, Cancellation)).Status);
        await World.UntilAsync("it has the store", () => users.Position.Store == store.Store);
        Assert.Equal(phone.Sha256, Assert.Single(users.Entries["alice"].Credentials).Sha256);
        await Fleet.PutUserAsync(new User { Name = "bob", IsDisabled = true }, null, Cancellation);
        var conflict = await Backup.ImportAsync(document!, Cancellation);
        Assert.Equal(
            (FleetStatus.Conflict, "nothing was imported: user bob is another one here"), (conflict.Status, conflict.Detail));
    }

    /// <summary>However far apart they are in it.</summary>
    [Fact]
    public async Task Import_OfTwoUsersWithOneSecret_AddsNothing()
    {
        var state = await Backup.ExportAsync(Cancellation);
        var users = Enumerable.Range(0, 2500).Select(Many).ToList();
        users[^1] = users[^1] with { Devices = users[0].Devices };

        var import = await Backup.ImportAsync(state with { Users = state.Users! with { Users = users } }, Cancellation);

        Assert.Equal(
            (FleetStatus.Conflict, $"nothing was imported: user {users[^1].Name} has a secret that another has"), (import.Status, import.Detail));
        Assert.Equal(0, (await Fleet.GetUserStoreAsync(Cancellation)).Users);
    }

    private static StoredUser Many(int number) => new()
    {
        Name = $"user-{number}@example.com",
        Version = number + 1,
        Devices = [.. Enumerable.Range(0, 3).Select(device =>
            new StoredDevice($"{number:x}-{device}", $"device {device}", DeviceSecret.HashOf($"{number}.{device}"), DateTimeOffset.UnixEpoch))],
    };

    private async Task ImportAsync(IReadOnlyList<StoredUser> users)
    {
        var state = await Backup.ExportAsync(Cancellation);
        var import = await Backup.ImportAsync(state with { Users = state.Users! with { Users = users } }, Cancellation);
        Assert.Equal((users.Count, null), (import.Value!.Users, import.Detail));
    }

    private async Task<(SimulatedNode Node, SimulatedUsers Users)> JoinAsync(string name)
    {
        var node = World.Add(name);
        var users = SimulatedUsers.Of(node);
        await World.UntilAsync($"{name} is known", async () => await Fleet.GetNodeAsync(name, Cancellation) is not null);
        return (node, users);
    }

    private Task HasAsync(SimulatedUsers users, params string[] names) => World.UntilAsync(
        $"it has {string.Join(", ", names)}", () => users.Entries.Keys.Order(StringComparer.Ordinal).SequenceEqual(names));

    private async Task PutAsync(string name)
    {
        var put = await Fleet.PutUserAsync(new User { Name = name }, null, Cancellation);
        Assert.Equal((FleetStatus.Ok, null), (put.Status, put.Detail));
    }
}

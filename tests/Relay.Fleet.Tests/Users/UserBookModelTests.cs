using System.Text.Json;
using FsCheck.Fluent;
using Relay.Fleet.Json;
using Relay.Fleet.Users;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Users;

/// <summary>
/// The rules of users, and nodes that take their pages, by random steps against a model: what was said last of each user.
/// </summary>
public class UserBookModelTests
{
    private enum Act
    {
        Put, Delete, Add, Take, Report, Lose, Restart, RestartNode, Forget, PutBack, Confirm,
    }

    [Fact]
    public void Nodes_WhateverHappens_HaveWhatTheStoreHas_OrWait()
    {
        (Forgets, Continued) = (0, 0);
        Check();
        Assert.True(Forgets > 20 && Continued > 20, $"removed users were forgotten {Forgets} times, sets came in parts {Continued} times");
    }

    private static void Check() => Properties.CheckHistories(
        Properties.Steps(
            (20, Act.Put), (35, Act.Delete), (20, Act.Add), (10, Act.Take), (40, Act.Report), (1, Act.Lose), (3, Act.Restart),
            (6, Act.RestartNode), (8, Act.Forget), (2, Act.PutBack), (2, Act.Confirm)),
        steps: 200, histories: 300, static history =>
        {
            var world = new World();
            foreach (var step in history)
                world.Do(step);
            world.Settle();
            (Forgets, Continued) = (Forgets + world.Forgets, Continued + world.Continued);
        });

    // What no history comes to is not tested.
    private static int Forgets { get; set; }

    private static int Continued { get; set; }

    private sealed class World
    {
        // Of a user.
        private const int MaxDevices = 6;

        // As large as a user with as many is.
        private const int PageBytes = 1000;

        private readonly SimulatedUsers[] _nodes = [new(), new(), new()];
        private readonly UserHandOver[] _given = [new(), new(), new()];
        private readonly Dictionary<string, UserEntry> _model = new(StringComparer.Ordinal);
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private UserBook _book;
        private (UserBookState State, Dictionary<string, UserEntry> Model)? _copy;

        internal World()
        {
            _book = Book(null);
            _book.Begin(Guid.NewGuid(), _now);
        }

        // How often users who were removed were forgotten.
        internal int Forgets { get; private set; }

        // How often a whole set came in more than one page.
        internal int Continued { get; private set; }

        internal void Do(Step<Act> step)
        {
            _now += TimeSpan.FromMilliseconds(step.Choice % 3);
            var name = $"u{step.Choice % 20}";
            var node = step.Choice % _nodes.Length;
            switch (step.Kind)
            {
                case Act.Put:
                    Put(name, step.Choice % 2 == 0);
                    break;
                case Act.Delete:
                    Assert.Equal(_model.Remove(name), _book.Delete(name, null, _now).IsOk);
                    break;
                case Act.Add:
                    Add(name, step.Choice);
                    break;
                case Act.Take:
                    if (_model.GetValueOrDefault(name) is { Credentials: [var credential, ..] } user)
                    {
                        Assert.True(_book.RemoveDevice(name, credential.Id, _now).IsOk);
                        _model[name] = user with { Credentials = [.. user.Credentials.Skip(1)] };
                    }
                    break;
                case Act.Report:
                    Report(node);
                    break;
                case Act.Lose:
                    _book.LoseMemory(Guid.NewGuid(), _now);
                    break;
                case Act.Restart:
                    // By way of the buckets, as storage has them.
                    _now += TimeSpan.FromMilliseconds(5);
                    Reload(_book.ToState());
                    break;
                case Act.RestartNode:
                    _nodes[node].Restart();
                    break;
                case Act.Forget:
                    var kept = _book.ToState().Users.Count;
                    _book.ForgetRemoved(long.MaxValue);
                    Forgets += _book.ToState().Users.Count < kept ? 1 : 0;
                    break;
                case Act.PutBack:
                    PutBack();
                    break;
                default:
                    Confirm();
                    break;
            }
            Check();
        }

        // Every node comes to what the store has, once it is confirmed.
        internal void Settle()
        {
            Confirm();
            for (var i = 0; i < _nodes.Length; i++)
            {
                for (var pages = 0; _book.Standing.Next(_nodes[i].Position, _given[i].SinceOf(_nodes[i].Position)) != UserStep.Nothing; pages++)
                {
                    Assert.True(pages < 50, "it never has all");
                    Report(i);
                }
                Assert.Equal(Text(_model.Values), Text(_nodes[i].Entries.Values));
            }
        }

        private void Put(string name, bool isDisabled)
        {
            Assert.True(_book.Put(new User { Name = name, IsDisabled = isDisabled }, null, _now).IsOk);
            _model[name] = _model.GetValueOrDefault(name, new UserEntry { Name = name }) with { IsDisabled = isDisabled };
        }

        private void Add(string name, int choice)
        {
            if (_model.GetValueOrDefault(name)?.Credentials.Count == MaxDevices)
                return;
            var device = new NewDevice($"{name}-{choice}", $"device {choice}", DeviceSecret.HashOf($"{name} {choice}"));
            var isNew = _model.TryGetValue(name, out var user) && user.Credentials.All(known => known.Id != device.Id);
            Assert.Equal(user is not null, _book.AddDevice(name, device, _now).IsOk);
            if (isNew)
                _model[name] = user! with { Credentials = [.. user.Credentials, new CredentialEntry(device.Id, device.Sha256)] };
        }

        private void Report(int node)
        {
            var (users, given) = (_nodes[node], _given[node]);
            var position = users.Position;
            if (_book.PageFor(position, given.SinceOf(position)) is not { } page)
                return;
            given.Give(position, page, _book.Standing.Floor);
            Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(page, FleetJson.Of<UserPage>()).Length, 1, PageBytes);
            Continued += page is { From: 0, IsLast: false, Version: > UserPage.NoticeVersion } ? 1 : 0;
            Assert.True(page.Version > page.From);
            users.Take(page);
        }

        private void PutBack()
        {
            if (_copy is not { } copy)
            {
                _copy = (_book.ToState(), new(_model, StringComparer.Ordinal));
                return;
            }
            _copy = null;
            _now += TimeSpan.FromMilliseconds(5);
            _model.Clear();
            foreach (var (name, user) in copy.Model)
                _model.Add(name, user);
            Reload(copy.State);
        }

        private void Reload(UserBookState state)
        {
            var buckets = UserBucket.Of(state, Enumerable.Range(0, UserBucket.Count).ToHashSet());
            var json = JsonSerializer.Serialize(
                state with { Users = [.. buckets.Values.SelectMany(static bucket => bucket.Users)] }, FleetJson.Of<UserBookState>());
            _book = Book(JsonSerializer.Deserialize(json, FleetJson.Of<UserBookState>()));
            for (var i = 0; i < _given.Length; i++)
                _given[i] = new UserHandOver();
        }

        // Of a few users, with pages and a memory of removed ones that those fill.
        private UserBook Book(UserBookState? state) => new(state, _now) { KeptRemoved = 3, PageBytes = PageBytes };

        private void Confirm()
        {
            var lost = _nodes.Any(node => node.Position.Store == _book.Store && _book.Standing.Next(node.Position) == UserStep.Waits);
            Assert.True(_book.Confirm(_book.Store, lost ? Guid.NewGuid() : null, _nodes.Max(static node => node.Position.Version), _now).IsOk);
        }

        private void Check()
        {
            Assert.Equal(Text(_model.Values), Text(_book.ToState().Users.Where(static user => !user.IsRemoved)
                .Select(static user => user.ToEntry())));
            Assert.Equal(_model.Count, _book.Users);
            Assert.Equal(_model.Values.Sum(static user => user.Credentials.Count), _book.Standing.Devices);
            Assert.Equal(_book.ToState().Users.OrderBy(static user => user.Version), _book.ToState().Users);
            foreach (var node in _nodes)
            {
                // Who is in step with the store has what it has.
                if (_book.Standing.Next(node.Position) == UserStep.Nothing && node.Position.Version > 0)
                    Assert.Equal(Text(_model.Values), Text(node.Entries.Values));
            }
        }

        private static string Text(IEnumerable<UserEntry> users) => string.Join(
            "; ", users.OrderBy(static user => user.Name, StringComparer.Ordinal).Select(static user =>
                $"{user.Name} {user.IsDisabled} {string.Join(',', user.Credentials.Select(static credential => credential.Id))}"));
    }
}

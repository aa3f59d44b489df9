// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors

package annals

import (
	"context"
	"iter"

	annalsv1 "annals.dev/annals/v1"
)

// Group is a consumer group: its members share a subscription. Any goroutine.
type Group struct {
	client *Client
	name   string
}

// Group names a consumer group; it need not be there.
func (c *Client) Group(name string) *Group { return &Group{client: c, name: name} }

// Groups gives the groups whose names begin with a prefix, in byte order.
func (c *Client) Groups(ctx context.Context, prefix string) iter.Seq2[GroupStatus, error] {
	return func(yield func(GroupStatus, error) bool) {
		request := &annalsv1.ListGroupsRequest{Namespace: c.namespace, Prefix: prefix}
		for {
			response, err := call(ctx, c, "Groups", request, c.groups.List)
			if err != nil {
				yield(GroupStatus{}, err)
				return
			}
			for _, status := range response.GetGroups() {
				if !yield(groupStatusOf(status), nil) {
					return
				}
			}
			if request.After = response.GetNext(); request.After == "" {
				return
			}
		}
	}
}

// Create makes the group, or answers how it is when it is there with the same settings.
// [ErrGroupExists]: with others.
func (g *Group) Create(ctx context.Context, settings GroupSettings) (GroupStatus, error) {
	if err := settings.check("CreateGroup"); err != nil {
		return GroupStatus{}, err
	}
	request := &annalsv1.CreateGroupRequest{Namespace: g.client.namespace, Group: g.name,
		Settings: settings.proto(), Actor: processName()}
	return groupAnswer(call(ctx, g.client, "CreateGroup", request, g.client.groups.Create))
}

// Update replaces the settings. Another stream, filter, strategy or key ends all memberships, as
// does KeyInFlightMax from 1 to more or back; members join again by themselves.
func (g *Group) Update(
	ctx context.Context, settings GroupSettings, reason string,
) (GroupStatus, error) {
	if err := settings.check("UpdateGroup"); err != nil {
		return GroupStatus{}, err
	}
	request := &annalsv1.UpdateGroupRequest{Namespace: g.client.namespace, Group: g.name,
		Settings: settings.proto(), Reason: reason, Actor: processName()}
	return groupAnswer(call(ctx, g.client, "UpdateGroup", request, g.client.groups.Update))
}

// Status asks how the group is: its settings, members, lag and what is parked. [ErrGroupNotFound].
func (g *Group) Status(ctx context.Context) (GroupStatus, error) {
	request := &annalsv1.GetGroupRequest{Namespace: g.client.namespace, Group: g.name}
	return groupAnswer(call(ctx, g.client, "GroupStatus", request, g.client.groups.Get))
}

// Pause gives out nothing until Resume.
func (g *Group) Pause(ctx context.Context, reason string) (GroupStatus, error) {
	return g.control(ctx, annalsv1.GroupCommand_GROUP_COMMAND_PAUSE, reason, start{})
}

// Resume goes on after Pause.
func (g *Group) Resume(ctx context.Context) (GroupStatus, error) {
	return g.control(ctx, annalsv1.GroupCommand_GROUP_COMMAND_RESUME, "", start{})
}

// Reset takes the group back to where its settings begin and forgets what is parked.
func (g *Group) Reset(ctx context.Context, reason string) (GroupStatus, error) {
	return g.control(ctx, annalsv1.GroupCommand_GROUP_COMMAND_RESET, reason, start{})
}

// Rewind takes the group to another place, back or forth: 0 is the start. What is parked stays.
func (g *Group) Rewind(ctx context.Context, to Position, reason string) (GroupStatus, error) {
	number := uint64(to)
	return g.control(ctx, annalsv1.GroupCommand_GROUP_COMMAND_REWIND, reason,
		start{fromPosition: &number})
}

// Delete ends the group; the answer is what it was.
func (g *Group) Delete(ctx context.Context, reason string) (GroupStatus, error) {
	return g.control(ctx, annalsv1.GroupCommand_GROUP_COMMAND_DELETE, reason, start{})
}

func (g *Group) control(
	ctx context.Context, command annalsv1.GroupCommand, reason string, to start,
) (GroupStatus, error) {
	request := &annalsv1.ControlGroupRequest{Namespace: g.client.namespace, Group: g.name,
		Command: command, Reason: reason, Actor: processName()}
	if to.fromPosition != nil {
		request.To = &annalsv1.ControlGroupRequest_FromPosition{FromPosition: *to.fromPosition}
	}
	return groupAnswer(callOnce(ctx, g.client, "ControlGroup", request, g.client.groups.Control))
}

func groupAnswer(response *annalsv1.GroupStatus, err error) (GroupStatus, error) {
	if err != nil {
		return GroupStatus{}, err
	}
	return groupStatusOf(response), nil
}

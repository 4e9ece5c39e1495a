data "aws_ssm_parameter" "ecs_optimized_ami" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id"
}

# The type is in the key: an instance that changes its type cannot register again ("Container instance type changes are
# not supported."), so it is a new one.
resource "aws_instance" "ecs" {
  for_each = toset([for number in range(local.now.instances) : "${local.now.instance_type}-${number}"])

  ami                    = data.aws_ssm_parameter.ecs_optimized_ami.value
  instance_type          = local.now.instance_type
  subnet_id              = aws_subnet.public["a"].id
  vpc_security_group_ids = [aws_security_group.instance.id]
  iam_instance_profile   = aws_iam_instance_profile.instance.name

  user_data = <<-EOT
    #!/bin/bash
    echo ECS_CLUSTER=${aws_ecs_cluster.main.name} >> /etc/ecs/ecs.config
  EOT

  tags = { Name = "${local.name}-${each.key}" }

  # A newer AMI is no reason for a new instance here.
  lifecycle {
    ignore_changes = [ami]
  }

  depends_on = [aws_route_table_association.public, aws_iam_role_policy_attachment.instance]
}
